import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Period in microseconds of the CPU quota. */
const PERIOD_MICROS = 20_000;

export interface Limits {
  readonly memoryBytes: number;
  /** CPU share, in cores, such as 0.29. */
  readonly cores: number;
}

/** Files of one version of the kernel's interface. */
interface CgroupFiles {
  readonly folders: readonly string[];
  readonly limit: (limits: Limits) => Readonly<Record<string, string>>;
  readonly peakFile: string;
}

/** A control group of the Linux kernel, which limits the memory and the CPU of its processes. */
export class Cgroup {
  private constructor(private readonly files: CgroupFiles) {}

  /** @throws Error if this machine cannot create control groups. */
  static create(limits: Limits): Cgroup {
    const files = filesOf(`event-pipeline-${process.pid}-${Math.round(performance.now() * 1_000)}`);
    try {
      for (const folder of files.folders) mkdirSync(folder);
      for (const [file, value] of Object.entries(files.limit(limits))) writeFileSync(file, value);
    } catch (cause) {
      throw new Error(
        `Cannot create a control group, which sets Lambda's limits: ${(cause as Error).message}. Run as root on Linux with the cpu and memory controllers (in a container: --privileged).`,
        { cause },
      );
    }
    return new Cgroup(files);
  }

  /** Files that a process writes its ID to in order to enter the group. */
  get processFiles(): readonly string[] {
    return this.files.folders.map((folder) => join(folder, "cgroup.procs"));
  }

  /** Peak memory in bytes. */
  get peakBytes(): number {
    return Number(readFileSync(this.files.peakFile, "utf8"));
  }

  /** Removes the group, which must have no processes left. */
  remove(): void {
    for (const folder of this.files.folders) rmdirSync(folder);
  }
}

function filesOf(name: string): CgroupFiles {
  const [cpu, memory, unified] = ["cpu", "memory", "cgroup2"].map(mountOf);
  if (cpu !== undefined && memory !== undefined) return version1(join(cpu, name), join(memory, name));
  return version2(join(unified ?? "/sys/fs/cgroup", name));
}

/** @see https://docs.kernel.org/admin-guide/cgroup-v1/ */
function version1(cpu: string, memory: string): CgroupFiles {
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
function version2(folder: string): CgroupFiles {
  return {
    folders: [folder],
    limit: ({ memoryBytes, cores }) => ({
      [join(folder, "cpu.max")]: `${Math.round(PERIOD_MICROS * cores)} ${PERIOD_MICROS}`,
      [join(folder, "memory.max")]: String(memoryBytes),
      // Lambda does not swap.
      ...(existsSync(join(folder, "memory.swap.max")) && { [join(folder, "memory.swap.max")]: "0" }),
    }),
    peakFile: join(folder, "memory.peak"),
  };
}

/** Returns the mount point of a version 1 controller, or of the version 2 tree. */
function mountOf(controller: string): string | undefined {
  for (const line of readFileSync("/proc/mounts", "utf8").split("\n")) {
    const [, folder, type, options = ""] = line.split(" ");
    if (type === controller || (type === "cgroup" && options.split(",").includes(controller))) return folder;
  }
  return undefined;
}
