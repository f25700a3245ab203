using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;

namespace GemmaVk.Mcp.Permissions;

/// <summary>
/// Which tools may be called. Only flags, the user's file and the user's answers decide; nothing that a model, a document or a tool says changes anything here.
/// A tool of the program itself was switched on by name, and may be called unless it is denied.
/// </summary>
/// <param name="allowed">Names that may always be called.</param>
/// <param name="denied">Names that may never be called; goes before all else.</param>
/// <param name="file">What was said for good, or null.</param>
/// <param name="ask">Asks the user, or null where nobody can be asked: then what is not allowed is refused.</param>
public sealed class ToolPermissions(
    IReadOnlyCollection<string> allowed,
    IReadOnlyCollection<string> denied,
    PermissionFile? file = null,
    Func<OfferedTool, JsonElement, CancellationToken, ValueTask<ConsentReply>>? ask = null)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (ToolConsent Consent, string Fingerprint)> _said = new(file?.Read() ?? new Dictionary<string, (ToolConsent, string)>());

    /// <summary>What holds for a tool without asking: always, never, or null where the user is asked.</summary>
    public ToolConsent? Standing(OfferedTool tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        if (denied.Contains(tool.Name))
        {
            return ToolConsent.Never;
        }

        if (tool.Tool.Origin == ICallableTool.Own || allowed.Contains(tool.Name))
        {
            return ToolConsent.Always;
        }

        lock (_gate)
        {
            return _said.TryGetValue(KeyOf(tool), out (ToolConsent Consent, string Fingerprint) said) && said.Fingerprint == tool.Tool.Fingerprint ? said.Consent : null;
        }
    }

    /// <summary>Whether a tool may be called now.</summary>
    /// <exception cref="OperationCanceledException">The question was cancelled.</exception>
    public async ValueTask<bool> MayAsync(OfferedTool tool, JsonElement arguments, CancellationToken cancel)
    {
        if (Standing(tool) is { } standing)
        {
            return standing == ToolConsent.Always;
        }

        if (ask is null)
        {
            return false;
        }

        ConsentReply reply = await ask(tool, arguments, cancel).ConfigureAwait(false);
        Say(tool, reply);
        return reply.Consent is ToolConsent.Once or ToolConsent.Always;
    }

    /// <summary>Takes what the user says of a tool.</summary>
    /// <exception cref="GemmaVkException">It is to be kept, and cannot be.</exception>
    public void Say(OfferedTool tool, ConsentReply reply)
    {
        ArgumentNullException.ThrowIfNull(tool);
        ArgumentNullException.ThrowIfNull(reply);
        if (reply.Consent is not (ToolConsent.Always or ToolConsent.Never))
        {
            return;
        }

        lock (_gate)
        {
            _said[KeyOf(tool)] = (reply.Consent, tool.Tool.Fingerprint);
            if (reply.Kept)
            {
                file?.Keep(KeyOf(tool), reply.Consent, tool.Tool.Fingerprint);
            }
        }
    }

    /// <summary>Asks from now on; what is kept for other runs stays.</summary>
    public void Forget(OfferedTool tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        lock (_gate)
        {
            _said.Remove(KeyOf(tool));
        }
    }

    /// <summary>Refuses names of flags that no tool has: a misspelt permission would be none, and a misspelt refusal too.</summary>
    /// <exception cref="GemmaVkException">A name is no tool's.</exception>
    public void RequireNames(IReadOnlyList<OfferedTool> tools)
    {
        ArgumentNullException.ThrowIfNull(tools);
        foreach ((string flag, string name) in allowed.Select(name => ("--allow-tool", name)).Concat(denied.Select(name => ("--deny-tool", name))))
        {
            if (!tools.Any(tool => tool.Name == name))
            {
                string near = Spelling.Nearest(name, tools.Select(tool => tool.Name)) is { } meant ? $"; did you mean {meant}?" : tools.Count == 0 ? "; there are none." : $": {string.Join(", ", tools.Select(tool => tool.Name))}.";
                throw new GemmaVkException($"{flag} {name}: expected the name of a tool that is offered{near}");
            }
        }
    }

    private static string KeyOf(OfferedTool tool) => $"{tool.Tool.Origin}/{tool.Tool.Declaration.Name}";
}
