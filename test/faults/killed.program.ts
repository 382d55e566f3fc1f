// Runs one operation of killable.ts when its parent says so, and says how long it took.
import { killable, type Place } from './killable';

process.on('message', ({ name, place }: { readonly name: string; readonly place: Place }) => {
  const startedMs = performance.now();
  const tell = (message: object) => process.send?.(message, () => process.exit());
  void killable[name]?.run(place).then(
    () => tell({ tookMs: performance.now() - startedMs }),
    (error: unknown) => tell({ failure: String(error) }),
  );
});
process.send?.('ready');
