import type { ResourceType } from "./resource-type";

/** Not zipped here: functions run from the folder that it would zip. */
export const archiveFile: ResourceType = {};
