import type { ServedService } from "./served-service";

export const LAMBDA: ServedService = {
  name: "Lambda",
  signingName: "lambda",
  protocol: "rest-json",
  actions: {
    Invoke: "functions that a queue invokes; one invoked with `Event` is not tried again",
  },
};
