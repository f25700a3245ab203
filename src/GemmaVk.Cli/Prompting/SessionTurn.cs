using System;
using System.IO;
using System.Threading;
using GemmaVk.Text;

namespace GemmaVk.Cli.Prompting;

/// <summary>One more turn of a conversation in a file, or its first.</summary>
/// <param name="engine">The model.</param>
/// <param name="file">The session file, which is made or replaced.</param>
internal sealed class SessionTurn(GemmaEngine engine, string file)
{
    /// <summary>Asks, and writes the conversation. What goes wrong leaves the file as it was.</summary>
    /// <param name="prompt">The question with its pictures, sounds and clips.</param>
    /// <param name="options">How to answer; system text and tools in place of the file's, where there are any.</param>
    /// <param name="context">Most positions, or null for the engine's default.</param>
    /// <param name="onDelta">Called with what each token adds.</param>
    /// <param name="then">What comes of the answer in its conversation, such as results of its calls; or null.</param>
    /// <param name="cancel">Ends the answer; the conversation is written with what there is of it.</param>
    public Answer Ask(MediaPrompt prompt, AskOptions options, int? context, Action<ResponseDelta> onDelta, Func<GemmaSession, Answer, Answer>? then, CancellationToken cancel)
    {
        bool goesOn = File.Exists(file);
        (GemmaSession session, string notes) = goesOn ? GemmaSession.LoadAsync(engine, file, context).GetAwaiter().GetResult() : (engine.NewSession(context), "");
        using (session)
        {
            if (goesOn && ((options.System is { } system && system != session.SystemText) || options.Tools.Count > 0))
            {
                session.Instruct(options with
                {
                    System = options.System ?? session.SystemText,
                    Tools = options.Tools.Count > 0 ? options.Tools : session.Tools,
                });
            }

            Answer answer = session.Ask(prompt.Parts(engine.Model.Config.Processor.AudioBeforeText), options, onDelta, cancel);
            answer = then?.Invoke(session, answer) ?? answer;
            session.Save(file, Noted(notes, prompt, answer, options));
            return answer;
        }
    }

    /// <summary>The notes of a chat with one more turn.</summary>
    private string Noted(string notes, MediaPrompt prompt, Answer answer, AskOptions options)
    {
        Chats.TalkRecord record = Chats.TalkRecord.Read(notes, file);
        Chats.ChatTurn turn = new(prompt.Text, prompt.Media);
        turn.Answers.Add(answer);
        return (record with { Think = record.Think || options.Think, Turns = [.. record.Turns, turn] }).Write();
    }
}
