using GemmaVk.Mcp.Calls;
using GemmaVk.Text;

namespace GemmaVk.Mcp;

/// <summary>A tool as the model sees it.</summary>
/// <param name="Tool">What is run.</param>
/// <param name="Declaration">Its own declaration; under another name where two servers have a tool of the same.</param>
public sealed record OfferedTool(ICallableTool Tool, ToolDeclaration Declaration)
{
    /// <summary>The name that calls and permissions use.</summary>
    public string Name => Declaration.Name;
}
