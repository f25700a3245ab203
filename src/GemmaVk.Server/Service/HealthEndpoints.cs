using System.Threading.Tasks;
using GemmaVk.Server.Bodies;
using GemmaVk.Server.Http;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Service;

/// <summary>GET /health: whether the server lives and has a model that can answer. GET /ready: whether it would take a request now.</summary>
internal sealed class HealthEndpoints(ServerState state)
{
    /// <summary>200 once the model is loaded, for as long as its device is there.</summary>
    public Task Health(HttpContext context) => Answer(context, state.Failure is null && state.Loaded is not null ? null : Why());

    /// <summary>The same, and neither ending nor full.</summary>
    public Task Ready(HttpContext context) => Answer(
        context,
        state.Failure is not null || state.Loaded is not { } model ? Why()
            : state.Ends ? state.Ending()
            : model.Queue.Full ? new ApiException(503, "The queue is full.", code: "queue_full") { RetryAfter = 1 }
            : null);

    private static Task Answer(HttpContext context, ApiException? error) =>
        error is null ? ServiceRoutes.Send(context, new HealthBody("ok"), ServerJson.Relaxed.HealthBody) : ErrorBody.Send(context, error);

    private ApiException? Why()
    {
        try
        {
            _ = state.Model;
            return null;
        }
        catch (ApiException error)
        {
            return error;
        }
    }
}
