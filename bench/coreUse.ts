import { readdirSync, readFileSync } from 'node:fs';

/** What a process took so far, in ticks of a hundredth of a second. */
interface Taken {
  readonly name: string;
  readonly ticks: number;
}

/** Who shares the cores from now on. Linux only: proc(5), `stat`. */
export class CoreUse {
  private readonly startMs = performance.now();
  private readonly before: ReadonlyMap<string, Taken>;

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
    return busy.map(([name, used]) => `${name} ${used.toFixed(2)}`).join(', ');
  }
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
