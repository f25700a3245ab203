using System;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Cli.Terminals;
using GemmaVk.Mcp;
using GemmaVk.Mcp.Permissions;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Calling;

/// <summary>Asks whoever sits at the terminal whether a tool may be called.</summary>
/// <param name="terminal">Where it is asked.</param>
/// <param name="ask">Shows a prompt and reads a line; null at the end of input.</param>
/// <param name="file">Where an answer is kept that is to hold for good.</param>
internal sealed class ConsentQuestion(Terminal terminal, Func<string, string?> ask, PermissionFile file)
{
    /// <summary>Asks until the answer is one.</summary>
    public ValueTask<ConsentReply> AskAsync(OfferedTool tool, JsonElement arguments, CancellationToken cancel)
    {
        terminal.Error.WriteLine(VisibleText.Line($"The model wants to call {ToolDesk.Line(new ToolCall(tool.Name, arguments))} of {tool.Tool.Origin}."));
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            string? line = ask("Allow it? [y]es once, [a]lways, [n]o, ne[v]er (a! and v! are kept for other chats) ");
            cancel.ThrowIfCancellationRequested();
            string word = line?.Trim().ToUpperInvariant() ?? "N";
            bool kept = word.EndsWith('!');
            ToolConsent? consent = word.TrimEnd('!') switch
            {
                "Y" or "YES" or "ONCE" => ToolConsent.Once,
                "A" or "ALWAYS" => ToolConsent.Always,
                "N" or "NO" => ToolConsent.Refused,
                "V" or "NEVER" => ToolConsent.Never,
                _ => null,
            };
            if (consent is { } said)
            {
                bool keeps = kept && said is ToolConsent.Always or ToolConsent.Never;
                if (kept && keeps)
                {
                    terminal.Error.WriteLine($"Kept in {VisibleText.Line(file.Path)}.");
                }

                return ValueTask.FromResult(new ConsentReply(said, kept && keeps));
            }
        }
    }
}
