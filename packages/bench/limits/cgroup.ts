import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Period in microseconds of the CPU quota. */
const PERIOD_MICROS = 20_000;

/** A Linux control group, which limits the memory and CPU of the processes in it. */
export class Cgroup {
  /** Files to which a process writes its ID to join the group. */
  readonly processFiles: readonly string[];

  private constructor(
    private readonly folders: readonly string[],
    private readonly peakFile: string,
  ) {
    this.processFiles = folders.map((folder) => join(folder, "cgroup.procs"));
  }

  /**
   * Creates a control group through the kernel's version 1 or version 2 interface.
   *
   * @param cores - Number of CPU cores, such as 0.29.
   * @throws Error if this machine cannot create control groups.
   * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
   */
  static create(memoryBytes: number, cores: number): Cgroup {
    const name = `event-pipeline-${process.pid}-${Math.round(performance.now() * 1_000)}`;
    const quota = Math.round(PERIOD_MICROS * cores);
    try {
      const [cpu, memory, unified = "/sys/fs/cgroup"] = ["cpu", "memory", "cgroup2"].map(mountOf);
      if (cpu !== undefined && memory !== undefined) {
        const folders = [join(cpu, name), join(memory, name)] as const;
        for (const folder of folders) mkdirSync(folder);
        writeFileSync(join(folders[0], "cpu.cfs_period_us"), String(PERIOD_MICROS));
        writeFileSync(join(folders[0], "cpu.cfs_quota_us"), String(quota));
        writeFileSync(join(folders[1], "memory.limit_in_bytes"), String(memoryBytes));
        return new Cgroup(folders, join(folders[1], "memory.max_usage_in_bytes"));
      }
      const folder = join(unified, name);
      mkdirSync(folder);
      writeFileSync(join(folder, "cpu.max"), `${quota} ${PERIOD_MICROS}`);
      writeFileSync(join(folder, "memory.max"), String(memoryBytes));
      // Lambda does not swap.
      if (existsSync(join(folder, "memory.swap.max"))) writeFileSync(join(folder, "memory.swap.max"), "0");
      return new Cgroup([folder], join(folder, "memory.peak"));
    } catch (cause) {
      throw new Error(
        `Cannot create a control group to apply Lambda's limits: ${(cause as Error).message}. Run as root on Linux with the cpu and memory controllers (in a container: --privileged).`,
        { cause },
      );
    }
  }

  /** Peak memory of the group in bytes. */
  get peakBytes(): number {
    return Number(readFileSync(this.peakFile, "utf8"));
  }

  /** Removes the group. All of its processes must have exited. */
  remove(): void {
    for (const folder of this.folders) rmdirSync(folder);
  }
}

/** Returns where a version 1 controller or the version 2 tree is mounted; undefined if it is not mounted. */
function mountOf(controller: string): string | undefined {
  for (const line of readFileSync("/proc/mounts", "utf8").split("\n")) {
    const [, folder, type, options = ""] = line.split(" ");
    if (type === controller || (type === "cgroup" && options.split(",").includes(controller))) return folder;
  }
  return undefined;
}
