import type { StoredService } from "./shape";

/** The file that dump-schemas.mjs writes. The keys are the folders of the services. */
declare const schemas: Readonly<Record<string, StoredService>>;
export default schemas;
