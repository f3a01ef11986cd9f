import { synthPipelineText } from "../helpers/synthesized";

test("the pipeline synthesizes what was reviewed", () => {
  expect(synthPipelineText()).toMatchSnapshot();
});
