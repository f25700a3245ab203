using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>A conversation in a file: it goes on later, in another process, as if it had never stopped.</summary>
public sealed partial class GemmaSession
{
    /// <summary>The system text, or null.</summary>
    public string? SystemText => _messages is [{ Role: "system" } first, ..] ? first.Text : null;

    /// <summary>Tools that the model may call.</summary>
    public IReadOnlyList<ToolDeclaration> Tools => _tools;

    /// <summary>Questions and answers that are in the context, in order, without the system text.</summary>
    public IReadOnlyList<ChatMessage> Messages => [.. _messages.Where(message => message.Role != "system")];

    /// <summary>
    /// Writes the conversation with its cache, rings and media included, so that nothing of it need be taken in again. The file is the old
    /// one or the new one, whatever happens; only a whole session is replaced.
    /// </summary>
    /// <param name="path">A file that is made or replaced.</param>
    /// <param name="notes">What the caller wants to find again.</param>
    /// <exception cref="GemmaVkException">It cannot be written, something else is there, or a picture waits to be taken in.</exception>
    public void Save(string path, string notes = "") => SaveAsync(path, notes).GetAwaiter().GetResult();

    /// <inheritdoc cref="Save"/>
    public Task SaveAsync(string path, string notes = "")
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(notes);
        string record = new SessionRecord(_messages, _items, _turns, _tools, _calls, notes).Write();
        return _engine.Batch.Do(() =>
        {
            SessionFile.Save(_session, path, record);
            return true;
        });
    }

    /// <summary>Looks whether a file holds a conversation that this engine can go on with, without taking memory for it.</summary>
    /// <exception cref="GemmaVkException">It is no such file, damaged, or of another model or precision.</exception>
    public static void Check(GemmaEngine engine, string path)
    {
        ArgumentNullException.ThrowIfNull(engine);
        SessionFile.Check(engine.Model, path);
    }

    /// <summary>Opens a conversation that <see cref="SaveAsync"/> wrote.</summary>
    /// <param name="engine">The same weights in the same precision; any device.</param>
    /// <param name="path">The file.</param>
    /// <param name="context">Most positions, or null for <see cref="GemmaEngine.DefaultContextLength"/>.</param>
    /// <returns>The conversation, and what was noted with it.</returns>
    /// <exception cref="GemmaVkException">It is no such file, damaged, of another model or precision, too long, or there is no room for another session.</exception>
    public static Task<(GemmaSession Session, string Notes)> LoadAsync(GemmaEngine engine, string path, int? context = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(path);
        return engine.Batch.Do(() =>
        {
            Session session = engine.Restore(path, context, out string notes);
            try
            {
                GemmaSession restored = new(engine, session);
                SessionRecord record = SessionRecord.Read(notes, path, restored.Length);
                restored._messages.AddRange(record.Messages);
                restored._items.AddRange(record.Items);
                restored._turns.AddRange(record.Turns);
                (restored._tools, restored._calls) = (record.Tools, record.Calls);
                return (restored, record.Notes);
            }
            catch
            {
                session.Dispose();
                throw;
            }
        });
    }
}
