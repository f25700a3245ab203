// Conversations live in the browser's IndexedDB: one store for them, one for their messages. Media are blobs inside messages.

let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const opening = indexedDB.open('gemmavk', 1);
    opening.onupgradeneeded = () => {
      const database = opening.result;
      database.createObjectStore('conversations', { keyPath: 'id' });
      database.createObjectStore('messages', { keyPath: 'id' }).createIndex('conversation', 'conversation');
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  return opened;
}

/** Runs `work` with the named stores in one transaction; resolves to what its request gives once all of it is written. */
export async function transact(stores, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, mode);
    const request = work(...stores.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error);
  });
}
