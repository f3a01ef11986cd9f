import { forgetEmptySettings } from "@event-pipeline/node-process/aws-settings";
import { shutdownSignal } from "@event-pipeline/node-process/shutdown-signal";
import { watchStandardOutput } from "@event-pipeline/node-process/standard-output";
import { invocationOf } from "./invocation";
import { runCommand } from "./run-command";

// Suppresses the AWS SDK's warning about older Node.js versions.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

forgetEmptySettings();

/** The package's version. The build inserts it. */
declare const VERSION: string;

const { argv, env, stdin, stdout, stderr } = process;
const [, script = "", ...args] = argv;
const io = Object.assign(watchStandardOutput(), { env, stdin, stdout, stderr, interrupted: shutdownSignal() });
process.exitCode = await runCommand(args, io, {
  version: VERSION,
  invocation: invocationOf(script, env, process.cwd()),
});
