import type { ServiceDefinition } from "./service";

/** Formats names as "A, B and C". */
const LIST = new Intl.ListFormat("en-GB");

type Named = Pick<ServiceDefinition<never>, "name" | "actions">;

/** Returns the names of a service's actions, sorted. */
export function actionNames({ actions }: Named): string[] {
  return Object.keys(actions).sort();
}

/** Lists the supported actions of a service in a sentence. */
export function actionList(service: Named): string {
  return `Supported ${service.name} actions: ${LIST.format(actionNames(service))}.`;
}

/** Lists services in a sentence. */
export function serviceList(services: readonly { readonly definition: Named }[]): string {
  const names = services.map(({ definition }) => definition.name);
  return `Supported services: ${LIST.format(names)}. To list their actions, run npm start -- --help.`;
}

/** Columns of the names in a list of actions. */
const NAME_COLUMNS = 18;

/** Returns the list of supported actions for `--help`, at most 80 columns wide. */
export function supportedActionsText(services: readonly Named[]): string {
  return services
    .flatMap((service) => {
      const lines =
        actionNames(service)
          .join(" ")
          .match(/\S.{0,61}(?= |$)/g) ?? [];
      return lines.map((line, index) => (index === 0 ? `  ${service.name}` : "").padEnd(NAME_COLUMNS) + line);
    })
    .join("\n");
}
