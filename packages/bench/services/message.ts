import { eventOf } from "../events";

/** Number of messages that one request receives or deletes. */
export const BATCH_SIZE = 10;

export const messageBody = JSON.stringify(eventOf("bench"));
