using GemmaVk.Tensors;
using Microsoft.Data.Sqlite;

namespace GemmaVk.Documents.Index;

/// <summary>What the database says of a failure, as a sentence about the file. Codes: sqlite.org/rescode.html.</summary>
internal static class IndexTrouble
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NoDatabase = 26;

    /// <summary>The sentence.</summary>
    public static GemmaVkException Of(SqliteException error, string path) => new(
        error.SqliteErrorCode switch
        {
            Busy or Locked => $"{path}: expected an index that nobody writes to, but another program does; wait until it is done, and try again.",
            Full => $"{path}: the disk is full, so the last file was not added; what was indexed before is whole. Make room, and index again: it goes on where it stopped.",
            NoDatabase => $"{path}: expected an index of documents, but it is another file; name another one with --index.",
            Corrupt => $"{path}: the index is damaged; delete the file, and 'gemmavk index' makes it again from the documents.",
            ReadOnly or CannotOpen => $"{path}: expected an index that can be written, but it cannot be opened so; check its permissions, or name another file with --index.",
            InputOutput => $"{path}: reading or writing the index failed ({Complaint.Of(error).TrimEnd('.')}); check the disk and the room on it.",
            _ => $"{path}: the index cannot be used ({Complaint.Of(error).TrimEnd('.')}); delete the file, and 'gemmavk index' makes it again.",
        },
        error);
}
