/**
 * Where answers are kept: one IndexedDB store, for Cache Storage takes no POST and can't say what was used last. It is
 * opened for each use and closed again, so that a page may delete the whole at any time.
 */
import { overflow, type Row } from './room.ts';

export interface Kept {
  key: string;
  /** When it was last given or kept, in milliseconds; what was used least recently goes first. */
  used: number;
  /** What it takes, in bytes. */
  size: number;
  /** When it was new. */
  at: number;
  status: number;
  headers: [string, string][];
  body: ArrayBuffer;
}

export const DATABASE = 'evenkeel-offline';
const STORE = 'answers';
/** Holds what making room has to know, so that no body is read for it. */
const INDEX = 'use';

/** The answer, unless it is too old. */
export function find(key: string, oldest: number): Promise<Kept | undefined> {
  return within('readonly', (store) => {
    const asked: IDBRequest<Kept | undefined> = store.get(key);
    return () => (asked.result && asked.result.at >= oldest ? asked.result : undefined);
  });
}

/** Notes that it was used, apart from finding it: on a full disk this fails, and the answer is there all the same. */
export function touch(key: string, now: number): Promise<void> {
  return within('readwrite', (store) => {
    const asked: IDBRequest<Kept | undefined> = store.get(key);
    asked.onsuccess = () => {
      // It may have been deleted, or renewed, in the meantime.
      if (asked.result && asked.result.used < now) store.put({ ...asked.result, used: now });
    };
    return () => undefined;
  });
}

/** Keeps it, and in the same step lets go of what there is no room for. */
export function keep(kept: Kept, maxBytes: number, oldest: number): Promise<void> {
  return within('readwrite', (store) => {
    store.put(kept);
    const rows: Row[] = [];
    const asked = store.index(INDEX).openKeyCursor(null, 'prev');
    asked.onsuccess = () => {
      const cursor = asked.result;
      if (!cursor) return overflow(rows, maxBytes, oldest).forEach(({ key }) => store.delete(key));
      const [, size, at] = cursor.key as [number, number, number];
      rows.push({ key: cursor.primaryKey as string, size, at });
      cursor.continue();
    };
    return () => undefined;
  });
}

/** One transaction: `work` asks, and what it returns reads the result once everything is on the disk. */
async function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => () => T): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const result = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(result());
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(STORE, { keyPath: 'key' }).createIndex(INDEX, ['used', 'size', 'at']);
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
