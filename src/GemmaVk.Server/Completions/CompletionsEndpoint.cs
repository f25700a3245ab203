using System.Threading.Tasks;
using GemmaVk.Server.Answers;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Completions;

/// <summary>POST /v1/completions.</summary>
internal sealed class CompletionsEndpoint(AnswerSender sender)
{
    /// <summary>Answers.</summary>
    public Task Handle(HttpContext context) { _ = (sender, context); throw new System.NotSupportedException(); }
}
