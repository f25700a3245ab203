using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Sessions;

/// <summary>Conversations in a folder, each in a file of its own under an id: for servers, whose conversations outlive them.</summary>
public sealed partial class SessionStore
{
    private const string Ending = ".session";
    private const int LongestId = 64;
    private readonly GemmaEngine _engine;
    private readonly string _folder;

    /// <summary>Uses a folder, which is made where it is not there.</summary>
    /// <param name="engine">Whose conversations.</param>
    /// <param name="folder">The folder.</param>
    /// <exception cref="GemmaVkException">It cannot be made, or takes no files.</exception>
    public SessionStore(GemmaEngine engine, string folder)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _engine = engine;
        try
        {
            _folder = Directory.CreateDirectory(folder).FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GemmaVkException($"{folder} must be a folder for conversations, but it cannot be made: {Complaint.Of(error)} Give another, or change its permissions.", error);
        }

        if (OutputTarget.WhyNoFiles(_folder) is { } reason)
        {
            throw new GemmaVkException($"{folder} must be a folder that conversations can be written to, but: {reason}. Give another, or change its permissions.");
        }
    }

    /// <summary>Whether a text may be an id: 1 to 64 of A-Z, a-z, 0-9, hyphen, underscore and dot, the first no dot. No id is a path.</summary>
    public static bool IsId(string id) => id is not null && id.Length <= LongestId && IdPattern().IsMatch(id);

    /// <summary>Saves a conversation, in place of the one that had the id.</summary>
    /// <param name="id">See <see cref="IsId"/>.</param>
    /// <param name="session">Not while it answers.</param>
    /// <param name="notes">What the caller wants to find again.</param>
    /// <exception cref="GemmaVkException">The id is none, or the file cannot be written.</exception>
    public Task SaveAsync(string id, GemmaSession session, string notes = "")
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.SaveAsync(PathOf(id), notes);
    }

    /// <summary>Opens a conversation; its file stays.</summary>
    /// <param name="id">See <see cref="IsId"/>.</param>
    /// <param name="context">Most positions, or null for <see cref="GemmaEngine.DefaultContextLength"/>.</param>
    /// <exception cref="GemmaVkException">There is none with the id, or it does not fit (<see cref="GemmaSession.LoadAsync"/>).</exception>
    public Task<(GemmaSession Session, string Notes)> RestoreAsync(string id, int? context = null)
    {
        string path = PathOf(id);
        return File.Exists(path) ? GemmaSession.LoadAsync(_engine, path, context)
            : throw new GemmaVkException($"conversation '{id}': expected one that was saved, but there is none in {_folder}; list them, or start a new one.");
    }

    /// <summary>What is there, the newest first.</summary>
    public IReadOnlyList<StoredSession> List() =>
    [
        .. new DirectoryInfo(_folder).EnumerateFiles($"*{Ending}")
            .Where(file => IsId(Path.GetFileNameWithoutExtension(file.Name)) && SessionFile.IsSession(file.FullName))
            .Select(file => new StoredSession(Path.GetFileNameWithoutExtension(file.Name), file.Length, file.LastWriteTimeUtc))
            .OrderByDescending(stored => stored.Saved).ThenBy(stored => stored.Id, StringComparer.Ordinal),
    ];

    /// <summary>Deletes a conversation's file.</summary>
    /// <returns>False where there is none.</returns>
    /// <exception cref="GemmaVkException">The id is none, or the file cannot be deleted.</exception>
    public bool Delete(string id)
    {
        string path = PathOf(id);
        try
        {
            bool there = File.Exists(path);
            File.Delete(path);
            return there;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{path} must be a file that can be deleted, but deleting it failed: {Complaint.Of(error)} Check the folder's permissions.", error);
        }
    }

    private string PathOf(string id) => IsId(id)
        ? Path.Combine(_folder, id + Ending)
        : throw new GemmaVkException($"conversation '{VisibleText.Line(id ?? "")}': expected an id of 1 to {LongestId} letters (A-Z, a-z), digits, hyphens, underscores and dots that does not begin with a dot; choose another.");

    [GeneratedRegex(@"^[A-Za-z0-9_-][A-Za-z0-9_.-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern();
}

/// <summary>A conversation in a <see cref="SessionStore"/>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Bytes">Size of its file.</param>
/// <param name="Saved">When it was saved, UTC.</param>
public sealed record StoredSession(string Id, long Bytes, DateTime Saved);
