import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Microseconds in which the share of a core is used up and given anew. */
const PERIOD_MICROS = 20_000;

export interface Limits {
  readonly memoryBytes: number;
  /** Share of one core, such as 0.29. */
  readonly cores: number;
}

/** What the two versions of the kernel's interface call things. */
interface Interface {
  readonly folders: readonly string[];
  readonly limit: (limits: Limits) => Readonly<Record<string, string>>;
  readonly peakFile: string;
}

/** A control group of the Linux kernel: processes in it share the memory and the share of a core that it has. */
export class Cgroup {
  private constructor(private readonly kernel: Interface) {}

  /** @throws Error that says what it takes where a group cannot be made. */
  static create(limits: Limits): Cgroup {
    const kernel = interfaceFor(`event-pipeline-${process.pid}-${Math.round(performance.now() * 1_000)}`);
    try {
      for (const folder of kernel.folders) mkdirSync(folder);
      for (const [file, value] of Object.entries(kernel.limit(limits))) writeFileSync(file, value);
    } catch (cause) {
      throw new Error(
        `Lambda's limits are set with a control group, which takes root on Linux, with the controllers cpu and memory (in a container: --privileged): ${(cause as Error).message}`,
        { cause },
      );
    }
    return new Cgroup(kernel);
  }

  /** Files that a process writes its id to, to be in the group with all that it starts. */
  get entrances(): readonly string[] {
    return this.kernel.folders.map((folder) => join(folder, "cgroup.procs"));
  }

  /** Most bytes that were in use at once. */
  get peakBytes(): number {
    return Number(readFileSync(this.kernel.peakFile, "utf8"));
  }

  /** To be called when no process is left in it. */
  remove(): void {
    for (const folder of this.kernel.folders) rmdirSync(folder);
  }
}

function interfaceFor(name: string): Interface {
  const [cpu, memory, unified] = ["cpu", "memory", "cgroup2"].map(mountOf);
  if (cpu !== undefined && memory !== undefined) return version1(join(cpu, name), join(memory, name));
  return version2(join(unified ?? "/sys/fs/cgroup", name));
}

/** @see https://docs.kernel.org/admin-guide/cgroup-v1/ */
function version1(cpu: string, memory: string): Interface {
  return {
    folders: [cpu, memory],
    limit: ({ memoryBytes, cores }) => ({
      [join(cpu, "cpu.cfs_period_us")]: String(PERIOD_MICROS),
      [join(cpu, "cpu.cfs_quota_us")]: String(Math.round(PERIOD_MICROS * cores)),
      [join(memory, "memory.limit_in_bytes")]: String(memoryBytes),
    }),
    peakFile: join(memory, "memory.max_usage_in_bytes"),
  };
}

/** @see https://docs.kernel.org/admin-guide/cgroup-v2.html */
function version2(folder: string): Interface {
  return {
    folders: [folder],
    limit: ({ memoryBytes, cores }) => ({
      [join(folder, "cpu.max")]: `${Math.round(PERIOD_MICROS * cores)} ${PERIOD_MICROS}`,
      [join(folder, "memory.max")]: String(memoryBytes),
      // Lambda swaps nothing out.
      ...(existsSync(join(folder, "memory.swap.max")) && { [join(folder, "memory.swap.max")]: "0" }),
    }),
    peakFile: join(folder, "memory.peak"),
  };
}

/** Where a controller of version 1, or the tree of version 2, is mounted. */
function mountOf(controller: string): string | undefined {
  for (const line of readFileSync("/proc/mounts", "utf8").split("\n")) {
    const [, folder, type, options = ""] = line.split(" ");
    if (type === controller || (type === "cgroup" && options.split(",").includes(controller))) return folder;
  }
  return undefined;
}
