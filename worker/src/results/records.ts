// What is known of the files of a job, in the object's SQLite: enough to go on where a crash cut a copy off.

import type { Facts } from "./source.js";

/** One file. Until its first bytes have come there is none. */
export interface Kept extends Facts {
  /** In the bucket. */
  key: string;
  type: string;
  /** In ms; undefined for one that is kept for ever. */
  expires?: number;
  /** The multipart upload, of a file that is larger than a part. */
  upload?: string;
  /** Of one that is whole. */
  size?: number;
  sha256?: string;
}

interface Row extends Record<string, SqlStorageValue> {
  number: number;
  key: string;
  type: string;
  expires: number | null;
  upload: string | null;
  validator: string | null;
  total: number | null;
  size: number | null;
  sha256: string | null;
}

export class Records {
  constructor(private readonly sql: SqlStorage) {
    sql.exec(`
      CREATE TABLE IF NOT EXISTS files (
        number INTEGER PRIMARY KEY, key TEXT NOT NULL, type TEXT NOT NULL, expires INTEGER, upload TEXT, validator TEXT, total INTEGER,
        size INTEGER, sha256 TEXT);
      CREATE TABLE IF NOT EXISTS parts (file INTEGER, number INTEGER, etag TEXT NOT NULL, PRIMARY KEY (file, number)) WITHOUT ROWID;
    `);
  }

  file(number: number): Kept | undefined {
    const [row] = this.sql.exec<Row>("SELECT * FROM files WHERE number = ?", number).toArray();
    return row && kept(row);
  }

  files(): { number: number; file: Kept }[] {
    const rows = this.sql.exec<Row>("SELECT * FROM files ORDER BY number").toArray();
    return rows.map((row) => ({ number: row.number, file: kept(row) }));
  }

  keep(number: number, { key, type, expires, upload, validator, total, size, sha256 }: Kept): void {
    const values = [key, type, expires, upload, validator, total, size, sha256].map((value) => value ?? null);
    this.sql.exec("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", number, ...values);
  }

  forget(number: number): void {
    this.sql.exec("DELETE FROM parts WHERE file = ?", number);
    this.sql.exec("DELETE FROM files WHERE number = ?", number);
  }

  parts(file: number): R2UploadedPart[] {
    const query = "SELECT number AS partNumber, etag FROM parts WHERE file = ? ORDER BY number";
    return this.sql.exec<{ partNumber: number; etag: string }>(query, file).toArray();
  }

  addPart(file: number, { partNumber, etag }: R2UploadedPart): void {
    this.sql.exec("INSERT OR REPLACE INTO parts VALUES (?, ?, ?)", file, partNumber, etag);
  }
}

/** A row without what is not there. */
const kept = ({ number: _, ...row }: Row): Kept =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as Kept;
