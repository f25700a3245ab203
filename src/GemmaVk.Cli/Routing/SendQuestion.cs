using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Cli.Terminals;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Hybrid.Sending;
using GemmaVk.Hybrid.Spending;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Routing;

/// <summary>Shows whoever sits at the terminal what is about to leave, and asks.</summary>
/// <param name="file">What is allowed.</param>
/// <param name="terminal">Where it is shown.</param>
/// <param name="ask">Shows a prompt and reads a line; null at the end of input.</param>
internal sealed class SendQuestion(RouteFile file, Terminal terminal, Func<string, string?> ask) : IRouteConsent
{
    /// <inheritdoc/>
    public ValueTask<bool> AskAsync(Outgoing outgoing, CancellationToken cancel)
    {
        terminal.Error.WriteLine(VisibleText.Line($"{outgoing.Endpoint.Name} ({outgoing.Endpoint.Url.Host}) is to answer, because {outgoing.Why}. This would be sent:"));
        foreach ((string role, string text) in outgoing.Words)
        {
            terminal.Error.WriteLine($"  {role}: {VisibleText.Lines(text)}");
        }

        if (outgoing.Taken.Count > 0)
        {
            terminal.Error.WriteLine(VisibleText.Line($"Taken out: {string.Join(", ", outgoing.Taken.Select(pair => $"{pair.Key} ({pair.Value})"))}."));
        }

        if (outgoing.Media > 0)
        {
            terminal.Error.WriteLine($"{outgoing.Media} pictures or sounds would go as they are.");
        }

        if (file.Limit is { } limit)
        {
            terminal.Error.WriteLine($"It costs at most {limit.Shown(outgoing.MostCost)}; {limit.Shown(new Ledger(file.LedgerPath, TimeProvider.System).Spent(limit))} of {limit.Shown(limit.Amount)} {limit.Time} are spent.");
        }

        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            string word = ask("Send it? [y]es, [n]o, [b]ytes shows all that would be sent: ")?.Trim().ToUpperInvariant() ?? "N";
            cancel.ThrowIfCancellationRequested();
            switch (word)
            {
                case "Y" or "YES":
                    return ValueTask.FromResult(true);
                case "N" or "NO":
                    terminal.Error.WriteLine("Nothing was sent.");
                    return ValueTask.FromResult(false);
                case "B" or "BYTES":
                    terminal.Error.WriteLine(VisibleText.Lines(outgoing.Body));
                    break;
            }
        }
    }
}
