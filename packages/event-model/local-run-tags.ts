/** Tags of a local run's topics. `doctor` compares the run with this folder's stack, and starts it again with the command. */
export const LOCAL_RUN_TAGS = {
  /** The absolute path of the folder with cdk.tf.json. */
  stackFolder: "local-run:stack-folder",
  /** The absolute path of the folder in which the command works. */
  folder: "local-run:folder",
  /** The command that started the run, with its options and the variables that select the stage. */
  command: "local-run:command",
} as const;
