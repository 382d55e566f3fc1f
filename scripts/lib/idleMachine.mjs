// Tells whether other programs leave this machine's cores alone, so that a duration says something about ours.
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const SAMPLE_MS = 500;
const IDLE_SHARE = 0.8;

/** Measures the cores for half a second: true where they were idle for at least 80 % of it. */
export async function isIdle() {
  const before = coreTimes();
  await delay(SAMPLE_MS);
  const after = coreTimes();
  return after.idle - before.idle >= IDLE_SHARE * (after.all - before.all);
}

function coreTimes() {
  const times = os.cpus().map((cpu) => cpu.times);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap((each) => Object.values(each))) };
}
