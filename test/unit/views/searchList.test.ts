import assert from 'node:assert/strict';
import { PagedList } from '../../../src/views/pagedList';
import { searchList } from '../../../src/views/searchList';

describe('searchList', () => {
  let asked = 0;
  const listOf = (count: number) => {
    asked = 0;
    return new PagedList<string>(async function* () {
      for (let at = 0; at < count; at++) {
        asked += 1;
        yield `v${at}`;
      }
    }, 100);
  };
  const job = () => {
    const reports: string[] = [];
    return { reports, signal: new AbortController().signal, report: (text: string) => reports.push(text) };
  };

  it('reads on to the end for a single hit, and says how far it is', async () => {
    const { reports, ...rest } = job();
    let draws = 0;
    const list = listOf(4_500);
    await searchList(list, { ...rest, matches: (name) => name === 'v3333', onHits: () => (draws += 1) });
    assert.equal(list.hasMore, false);
    assert.deepEqual(reports, [
      '0 found in 1000',
      '0 found in 2000',
      '0 found in 3000',
      '1 found in 4000',
      '1 found in 4500',
    ]);
    assert.equal(draws, 2);
  });

  it('shows each page with hits as it comes, and stops behind a page of them', async () => {
    const list = listOf(10_000);
    const found: number[] = [];
    const isRound = (name: string) => Number(name.slice(1)) % 20 === 0;
    await searchList(list, {
      ...job(),
      matches: isRound,
      onHits: () => found.push(list.entries.filter(isRound).length),
    });
    assert.deepEqual(found, [50, 100, 100]);
    assert.equal(asked, 2_000);
  });

  it('stops at its bound', async () => {
    const list = listOf(200_000);
    await searchList(list, { ...job(), matches: () => false, onHits: () => undefined });
    assert.equal(list.entries.length, 100_000);
    assert.equal(list.hasMore, true);
  });

  it('stops with the reason of an abort and keeps what it read', async () => {
    const controller = new AbortController();
    const list = listOf(10_000);
    const search = searchList(list, {
      signal: controller.signal,
      report: () => controller.abort(),
      matches: () => false,
      onHits: () => undefined,
    });
    await assert.rejects(search, { name: 'AbortError' });
    assert.equal(list.entries.length, 1_000);
  });
});
