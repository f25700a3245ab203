using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Bodies;
using GemmaVk.Server.Chat;
using GemmaVk.Server.Http;
using GemmaVk.Sessions;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Service;

/// <summary>
/// Conversations in files, by ids of the caller's: POST /gemmavk/sessions/ID saves the one of the body (the body of a chat completion), POST
/// /gemmavk/sessions/ID/restore puts it into a cache and gives the body back, GET /gemmavk/sessions lists them, DELETE removes one.
/// </summary>
internal sealed class SessionEndpoints(ServerOptions options, ServerState state)
{
    /// <summary>What is there.</summary>
    public Task List(HttpContext context)
    {
        SessionStore store = Store(state.Model);
        return ServiceRoutes.Send(
            context, new SessionList("list", [.. store.List().Select(stored => new SessionBody(stored.Id, "session", stored.Bytes, stored.Saved))]), ServerJson.Relaxed.SessionList);
    }

    /// <summary>Saves a conversation.</summary>
    public async Task Save(HttpContext context)
    {
        ServedModel model = state.Model;
        (SessionStore store, string id) = (Store(model), Id(context));
        Asked asked;
        string notes;
        using (JsonDocument json = await JsonBody.Read(context).ConfigureAwait(false))
        {
            Fields body = new(json.RootElement);
            ChatFields.Table.Check(context, body);
            asked = ChatReader.Read(body, model, options, context.RequestAborted).Asked;
            notes = JsonText.Compact(json.RootElement);
        }

        using Admission.Place place = model.Queue.Enter();
        int tokens = await place.Run(() => model.Answers.SaveAsync(asked.Rows, store, id, notes, context.RequestAborted), context.RequestAborted).ConfigureAwait(false);
        await ServiceRoutes.Send(context, new SavedSession(id, tokens), ServerJson.Relaxed.SavedSession).ConfigureAwait(false);
    }

    /// <summary>Puts a conversation into a cache, and gives what was saved.</summary>
    public async Task Restore(HttpContext context)
    {
        ServedModel model = state.Model;
        (SessionStore store, string id) = (Store(model), Id(context));
        Require(store, id);
        using Admission.Place place = model.Queue.Enter();
        (int tokens, string notes) = await place.Run(() => model.Answers.RestoreAsync(store, id, context.RequestAborted), context.RequestAborted).ConfigureAwait(false);
        using JsonDocument? conversation = notes.Length > 0 ? JsonBody.Parse(Encoding.UTF8.GetBytes(notes)) : null;
        await ServiceRoutes.Send(context, new RestoredSession(id, tokens, conversation?.RootElement), ServerJson.Relaxed.RestoredSession).ConfigureAwait(false);
    }

    /// <summary>Removes a conversation.</summary>
    public Task Delete(HttpContext context)
    {
        (SessionStore store, string id) = (Store(state.Model), Id(context));
        Require(store, id);
        store.Delete(id);
        return ServiceRoutes.Send(context, new DeletedSession(id, Deleted: true), ServerJson.Relaxed.DeletedSession);
    }

    private static string Id(HttpContext context)
    {
        string id = (string)context.Request.RouteValues["id"]!;
        return SessionStore.IsId(id) ? id
            : throw ApiException.Field("id", "id: expected 1 to 64 of A-Z, a-z, 0-9, hyphen, underscore and dot, the first no dot.");
    }

    private static void Require(SessionStore store, string id)
    {
        if (!store.List().Any(stored => stored.Id == id))
        {
            throw new ApiException(404, $"There is no saved conversation {id}; GET /gemmavk/sessions lists those there are.", "id", "session_not_found");
        }
    }

    private static SessionStore Store(ServedModel model) => model.Sessions
        ?? throw new ApiException(404, "No conversations are saved here; start the server with --session-folder DIR.", code: "no_session_folder");
}
