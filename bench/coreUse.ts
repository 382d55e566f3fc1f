import { existsSync, readdirSync, readFileSync } from 'node:fs';

const PRESSURE_FILE = '/proc/pressure/io';

/** What a process took so far, in ticks of a hundredth of a second. */
interface Taken {
  readonly name: string;
  readonly ticks: number;
}

/** Who shares the cores from now on, and whether the disk is waited for. Linux only: proc(5), `stat` and `pressure`. */
export class CoreUse {
  private readonly startMs = performance.now();
  private readonly before: ReadonlyMap<string, Taken>;
  private readonly waitedBeforeMs = waitedForDiskMs();

  /** `ownName` is what to call this process. */
  constructor(private readonly ownName: string) {
    this.before = takenByProcess(ownName);
  }

  /** Each name with the cores that its processes kept busy; what is below a twentieth of a core is left out. */
  describe(): string {
    const seconds = (performance.now() - this.startMs) / 1000;
    const cores = new Map<string, number>();
    for (const [id, { name, ticks }] of takenByProcess(this.ownName)) {
      const used = (ticks - (this.before.get(id)?.ticks ?? 0)) / 100 / seconds;
      cores.set(name, (cores.get(name) ?? 0) + used);
    }
    const busy = [...cores].filter(([, used]) => used >= 0.05).sort(([, one], [, other]) => other - one);
    const names = busy.map(([name, used]) => `${name} ${used.toFixed(2)}`).join(', ');
    const waited = Math.round((waitedForDiskMs() - this.waitedBeforeMs) / seconds / 10);
    return Number.isNaN(waited) ? names : `${names}; the disk was waited for during ${waited} % of the time`;
  }
}

/** How long so far some process had nothing to do but wait for the disk; NaN where the system does not say. */
function waitedForDiskMs(): number {
  if (!existsSync(PRESSURE_FILE)) return NaN;
  const [, micros = 0] = /^some .*total=(\d+)/m.exec(readFileSync(PRESSURE_FILE, 'utf8')) ?? [];
  return Number(micros) / 1000;
}

function takenByProcess(ownName: string): ReadonlyMap<string, Taken> {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Map(ids.flatMap((id) => takenBy(id, ownName)));
}

/** Nothing for a process that has ended. */
function takenBy(id: string, ownName: string): [string, Taken][] {
  try {
    const [, name = '', rest = ''] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${id}/stat`, 'utf8')) ?? [];
    const [user = 0, system = 0] = rest.split(' ').slice(11, 13).map(Number);
    return [[id, { name: id === String(process.pid) ? ownName : name, ticks: user + system }]];
  } catch {
    return [];
  }
}
