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
    const list = listOf(450);
    await searchList(list, { ...rest, matches: (name) => name === 'v333', onHits: () => (draws += 1) });
    assert.equal(list.hasMore, false);
    assert.deepEqual(reports, [
      '0 found in 100',
      '0 found in 200',
      '0 found in 300',
      '1 found in 400',
      '1 found in 450',
    ]);
    assert.equal(draws, 2);
  });

  it('shows each page with hits as it comes, and stops behind a page of them', async () => {
    const list = listOf(1_000);
    const found: number[] = [];
    const isEven = (name: string) => Number(name.slice(1)) % 2 === 0;
    await searchList(list, {
      ...job(),
      matches: isEven,
      onHits: () => found.push(list.entries.filter(isEven).length),
    });
    assert.deepEqual(found, [50, 100, 100]);
    assert.equal(asked, 200);
  });

  it('stops at its bound', async () => {
    const list = listOf(20_000);
    await searchList(list, { ...job(), matches: () => false, onHits: () => undefined });
    assert.equal(list.entries.length, 10_000);
    assert.equal(list.hasMore, true);
  });

  it('stops with the reason of an abort and keeps what it read', async () => {
    const controller = new AbortController();
    const list = listOf(1_000);
    const search = searchList(list, {
      signal: controller.signal,
      report: () => controller.abort(),
      matches: () => false,
      onHits: () => undefined,
    });
    await assert.rejects(search, { name: 'AbortError' });
    assert.equal(list.entries.length, 100);
  });
});
