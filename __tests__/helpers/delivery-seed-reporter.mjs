/** Names the seed of the deliveries after a failure, which may depend on it. */
export default class DeliverySeedReporter {
  onRunComplete(_contexts, { numFailedTestSuites: failed }) {
    if (failed > 0) process.stderr.write(`Deliveries: repeat them with DELIVERY_SEED=${process.env.DELIVERY_SEED}.\n`);
  }
}
