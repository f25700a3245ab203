using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Documents.Search;
using GemmaVk.Tensors;
using Microsoft.Data.Sqlite;

namespace GemmaVk.Documents.Index;

/// <summary>
/// Passages in an SQLite database with an index of their words (FTS5, BM25). What is written is written in transactions: a program that ends at any moment leaves either all
/// of a file's passages or none. Contents are kept by their hash, so that a file under another name costs nothing. One thread at a time.
/// </summary>
internal sealed class PassageStore : IPassageFinder, IDisposable
{
    /// <summary>The form of the tables: a database of another one is refused.</summary>
    public const int Version = 1;

    // "GmVk", by which a database says whose it is.
    private const int Application = 0x476D566B;
    private const double HeadingWeight = 2;

    private const string Tables =
        """
        CREATE TABLE content(id INTEGER PRIMARY KEY, hash BLOB NOT NULL, kind TEXT NOT NULL, pages INTEGER NOT NULL, note TEXT, UNIQUE(hash, kind));
        CREATE TABLE file(path TEXT PRIMARY KEY, content INTEGER NOT NULL REFERENCES content(id), length INTEGER NOT NULL, changed INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX file_content ON file(content);
        CREATE TABLE passage(id INTEGER PRIMARY KEY, content INTEGER NOT NULL REFERENCES content(id), page INTEGER, heading TEXT NOT NULL, text TEXT NOT NULL);
        CREATE INDEX passage_content ON passage(content);
        CREATE VIRTUAL TABLE word USING fts5(heading, text, content='', contentless_delete=1, tokenize='porter unicode61 remove_diacritics 2');
        """;

    private readonly SqliteConnection _database;
    private readonly string _path;
    private SqliteTransaction? _writing;

    private PassageStore(SqliteConnection database, string path) => (_database, _path) = (database, path);

    /// <summary>Opens a database, or makes it.</summary>
    /// <param name="path">The file; null for memory.</param>
    /// <param name="patience">Seconds that another program's writing is waited for.</param>
    /// <exception cref="GemmaVkException">It is no index, of another version, in use, or cannot be written.</exception>
    public static PassageStore Open(string? path, int patience = 5)
    {
        if (path is not null)
        {
            Prepare(path);
        }

        SqliteConnection database = new(new SqliteConnectionStringBuilder { DataSource = path ?? ":memory:", Pooling = false, DefaultTimeout = patience, ForeignKeys = true }.ToString());
        PassageStore store = new(database, path ?? "memory");
        try
        {
            store.Guarded(() =>
            {
                database.Open();
                store.Check();
                return 0;
            });
            return store;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Pages of the database that there may be at most: what a full disk is in tests.</summary>
    internal void Bound(int pages) => Guarded(() => Run($"PRAGMA max_page_count = {pages}"));

    /// <summary>Begins writing what belongs together.</summary>
    public void Begin() => Guarded(() => _writing = _database.BeginTransaction(deferred: false));

    /// <summary>Ends writing: all of it stays.</summary>
    public void Commit() => Guarded(() =>
    {
        _writing!.Commit();
        _writing.Dispose();
        _writing = null;
        return 0;
    });

    /// <summary>Ends writing: nothing of it stays.</summary>
    public void Rollback()
    {
        try
        {
            _writing?.Rollback();
        }
        catch (Exception error) when (error is SqliteException or InvalidOperationException)
        {
            // A full disk has rolled back already.
        }

        _writing?.Dispose();
        _writing = null;
    }

    /// <summary>The files that are known: path, length, time of change in ticks, content.</summary>
    public Dictionary<string, (long Length, long Changed, long Content)> Files() => Guarded(() =>
    {
        Dictionary<string, (long, long, long)> files = new(StringComparer.Ordinal);
        using SqliteCommand command = Command("SELECT path, length, changed, content FROM file");
        using SqliteDataReader rows = command.ExecuteReader();
        while (rows.Read())
        {
            files[rows.GetString(0)] = (rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3));
        }

        return files;
    });

    /// <summary>What is to be said of files that could be read in part or not at all.</summary>
    public IReadOnlyList<(string Path, string Note)> Notes() => Guarded(() =>
    {
        List<(string, string)> notes = [];
        using SqliteCommand command = Command("SELECT file.path, content.note FROM file JOIN content ON content.id = file.content WHERE content.note IS NOT NULL");
        using SqliteDataReader rows = command.ExecuteReader();
        while (rows.Read())
        {
            notes.Add((rows.GetString(0), rows.GetString(1)));
        }

        return notes;
    });

    /// <summary>The content of a hash and a kind, or null.</summary>
    public long? Content(byte[] hash, string kind) => Guarded(() => (long?)Command("SELECT id FROM content WHERE hash = $0 AND kind = $1", hash, kind).ExecuteScalar());

    /// <summary>Adds a content with its passages.</summary>
    public long Add(byte[] hash, string kind, int pages, string? note, IReadOnlyList<Passage> passages) => Guarded(() =>
    {
        long content = (long)Command("INSERT INTO content(hash, kind, pages, note) VALUES ($0, $1, $2, $3) RETURNING id", hash, kind, pages, note).ExecuteScalar()!;
        using SqliteCommand row = Command("INSERT INTO passage(content, page, heading, text) VALUES ($0, $1, $2, $3) RETURNING id", content, null, "", "");
        using SqliteCommand words = Command("INSERT INTO word(rowid, heading, text) VALUES ($0, $1, $2)", 0L, "", "");
        foreach (Passage passage in passages)
        {
            row.Parameters[1].Value = passage.Page is { } page ? page : DBNull.Value;
            row.Parameters[2].Value = passage.Heading;
            row.Parameters[3].Value = passage.Text;
            words.Parameters[0].Value = row.ExecuteScalar();
            words.Parameters[1].Value = SearchWords.Spaced(passage.Heading);
            words.Parameters[2].Value = SearchWords.Spaced(passage.Text);
            words.ExecuteNonQuery();
        }

        return content;
    });

    /// <summary>Adds a document that is in no file, under its name.</summary>
    public void Add(string name, IReadOnlyList<Passage> passages)
    {
        Begin();
        long content = Add(Guid.NewGuid().ToByteArray(), name, 0, null, passages);
        // Two documents may have one name.
        Place(name, content, 0, 0);
        Commit();
    }

    /// <summary>Says that a file has a content now.</summary>
    public void Place(string path, long content, long length, long changed) => Guarded(() =>
        Run("INSERT INTO file(path, content, length, changed) VALUES ($0, $1, $2, $3) ON CONFLICT(path) DO UPDATE SET content = $1, length = $2, changed = $3", path, content, length, changed));

    /// <summary>Forgets a file.</summary>
    public void Remove(string path) => Guarded(() => Run("DELETE FROM file WHERE path = $0", path));

    /// <summary>Forgets contents that no file has.</summary>
    public void Sweep() => Guarded(() =>
    {
        const string Orphans = "(SELECT id FROM content WHERE id NOT IN (SELECT content FROM file))";
        Run($"DELETE FROM word WHERE rowid IN (SELECT id FROM passage WHERE content IN {Orphans})");
        Run($"DELETE FROM passage WHERE content IN {Orphans}");
        return Run($"DELETE FROM content WHERE id NOT IN (SELECT content FROM file)");
    });

    /// <summary>How many files with text, and passages, there are.</summary>
    public (long Files, long Passages) Totals() => Guarded(() => (
        (long)Command("SELECT count(*) FROM file WHERE content IN (SELECT content FROM passage)").ExecuteScalar()!,
        (long)Command("SELECT count(*) FROM passage WHERE content IN (SELECT content FROM file)").ExecuteScalar()!));

    /// <summary>The passages with most of a question's words, by BM25.</summary>
    public IReadOnlyList<FoundPassage> Find(string question, int most)
    {
        if (SearchWords.Expression(question) is not { } expression)
        {
            return [];
        }

        return Guarded(() =>
        {
            List<FoundPassage> found = [];
            using SqliteCommand command = Command(
                """
                SELECT (SELECT min(path) FROM file WHERE file.content = passage.content), passage.page, passage.heading, passage.text, -bm25(word, $2, 1.0) AS score
                FROM word JOIN passage ON passage.id = word.rowid
                WHERE word MATCH $0 AND passage.content IN (SELECT content FROM file)
                ORDER BY score DESC, passage.id LIMIT $1
                """, expression, most, HeadingWeight);
            using SqliteDataReader rows = command.ExecuteReader();
            while (rows.Read())
            {
                Passage passage = new(rows.GetString(0), rows.IsDBNull(1) ? null : rows.GetInt32(1), rows.GetString(2), rows.GetString(3));
                found.Add(new FoundPassage(passage, rows.GetDouble(4)));
            }

            return found;
        });
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<FoundPassage>> FindAsync(string question, int most, CancellationToken cancel = default) => Task.FromResult(Find(question, most));

    /// <inheritdoc/>
    public void Dispose()
    {
        Rollback();
        _database.Dispose();
    }

    // The texts of a person's documents stand in it: nobody else may read it.
    private static void Prepare(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                using FileStream made = new(path, OperatingSystem.IsWindows()
                    ? new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite }
                    : new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GemmaVkException($"{path}: expected a place where the index can be written, but that failed: {Complaint.Of(error)} Name another file with --index.", error);
        }
    }

    private void Check()
    {
        bool empty = (long)Command("SELECT count(*) FROM sqlite_master").ExecuteScalar()! == 0;
        long application = (long)Command("PRAGMA application_id").ExecuteScalar()!;
        long version = (long)Command("PRAGMA user_version").ExecuteScalar()!;
        if (!empty && application != Application)
        {
            throw new GemmaVkException($"{_path}: expected an index of documents, but it is a database of another program; name another file with --index.");
        }

        if (!empty && version != Version)
        {
            throw new GemmaVkException($"{_path}: expected an index of version {Version}, but it is of version {version}; delete the file, and 'gemmavk index' makes it again.");
        }

        Run("PRAGMA journal_mode = WAL");
        Run("PRAGMA synchronous = NORMAL");
        if (empty)
        {
            Begin();
            // Somebody else may have made it meanwhile.
            if ((long)Command("SELECT count(*) FROM sqlite_master").ExecuteScalar()! == 0)
            {
                Run(Tables);
                Run($"PRAGMA application_id = {Application}");
                Run($"PRAGMA user_version = {Version}");
            }

            Commit();
        }
    }

    private int Run(string text, params object?[] values)
    {
        using SqliteCommand command = Command(text, values);
        return command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string text, params object?[] values)
    {
        SqliteCommand command = _database.CreateCommand();
        command.CommandText = text;
        command.Transaction = _writing;
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue(FormattableString.Invariant($"${i}"), values[i] ?? DBNull.Value);
        }

        return command;
    }

    private T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (SqliteException error)
        {
            throw IndexTrouble.Of(error, _path);
        }
    }
}
