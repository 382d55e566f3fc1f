import assert from 'node:assert/strict';
import { PagedList } from '../../../src/views/pagedList';

describe('PagedList', () => {
  async function* numbers(count: number, asked: number[]): AsyncIterable<number> {
    for (let number = 1; number <= count; number += 1) {
      asked.push(number);
      yield number;
    }
  }

  it('asks for no more than one page', async () => {
    const asked: number[] = [];
    const list = new PagedList(() => numbers(10, asked), 4);
    await list.more();
    assert.deepEqual(list.entries, [1, 2, 3, 4]);
    assert.deepEqual(asked, [1, 2, 3, 4]);
    assert.equal(list.hasMore, true);
  });

  it('adds the next page and knows the end', async () => {
    const list = new PagedList(() => numbers(6, []), 4);
    await list.more();
    await list.more();
    assert.deepEqual(list.entries, [1, 2, 3, 4, 5, 6]);
    assert.equal(list.hasMore, false);
  });

  it('goes on in larger pages behind what is there', async () => {
    const sizes: number[] = [];
    const list = new PagedList((_signal, pageSize) => {
      sizes.push(pageSize);
      return numbers(20, []);
    }, 4);
    await list.more();
    await list.more(10);
    await list.more();
    assert.deepEqual(
      list.entries,
      Array.from({ length: 18 }, (_, index) => index + 1),
    );
    assert.deepEqual(sizes, [4, 10]);
  });

  it('starts over after a failure', async () => {
    let failures = 1;
    const list = new PagedList(async function* () {
      yield 1;
      if (failures-- > 0) throw new Error('cut');
      yield 2;
    }, 2);
    await assert.rejects(list.more(), /cut/);
    assert.deepEqual(list.entries, []);
    await list.more();
    assert.deepEqual(list.entries, [1, 2]);
  });

  it('aborts what is under way when it is disposed', async () => {
    const list = new PagedList<number>(async function* (signal) {
      yield await new Promise<number>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('stopped'))),
      );
    }, 2);
    const pending = list.more();
    list.dispose();
    await assert.rejects(pending, /stopped/);
  });
});
