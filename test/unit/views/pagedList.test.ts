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

  it('keeps what came before a failure, says why it stopped, and reads on behind it', async () => {
    let failures = 1;
    const list = new PagedList(async function* () {
      yield 1;
      if (failures-- > 0) throw new Error('cut');
      yield 2;
      yield 3;
    }, 2);
    await assert.rejects(list.more(), /cut/);
    assert.deepEqual(list.entries, [1]);
    assert.match(String(list.failure?.error), /cut/);
    assert.equal(list.hasMore, true);
    await list.more();
    assert.deepEqual(list.entries, [1, 2, 3]);
    assert.equal(list.failure, undefined);
  });

  it('keeps what is there when the list fails earlier than before', async () => {
    let isDown = false;
    const list = new PagedList(async function* () {
      if (isDown) throw new Error('down');
      for (let number = 1; number <= 6; number++) yield number;
    }, 4);
    await list.more();
    isDown = true;
    await assert.rejects(list.more(10), /down/);
    assert.deepEqual(list.entries, [1, 2, 3, 4]);
    isDown = false;
    await list.more(10);
    assert.deepEqual(list.entries, [1, 2, 3, 4, 5, 6]);
    assert.equal(list.hasMore, false);
  });

  it('has each entry once', async () => {
    const list = new PagedList(async function* () {
      yield* ['v1', 'v2', 'v1', 'v3', 'v2', 'v4'];
    }, 3);
    await list.more();
    assert.deepEqual(list.entries, ['v1', 'v2', 'v3']);
    await list.more();
    assert.deepEqual(list.entries, ['v1', 'v2', 'v3', 'v4']);
  });

  it('ends a list that gives the same again and again', async () => {
    const list = new PagedList(async function* () {
      for (;;) yield 'v1';
    }, 3);
    await assert.rejects(list.more(), /repeats/);
    assert.deepEqual(list.entries, ['v1']);
  });

  it('lets pages that are asked for at once take turns', async () => {
    const list = new PagedList(() => numbers(20, []), 4);
    await Promise.all([list.more(), list.more(10), list.upTo(4)]);
    assert.deepEqual(
      list.entries,
      Array.from({ length: 14 }, (_, index) => index + 1),
    );
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
