using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Runtime.Logits;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Completions;

/// <summary>POST /v1/completions: continues texts, and says how likely they were, which is what evaluation programs ask.</summary>
internal sealed class CompletionsEndpoint(AnswerSender sender, ServerState state)
{
    /// <summary>Answers.</summary>
    public async Task Handle(HttpContext context)
    {
        ServedModel model = sender.Model;
        CompletionCall call;
        using (JsonDocument json = await JsonBody.Read(context).ConfigureAwait(false))
        {
            Fields body = new(json.RootElement);
            CompletionFields.Table.Check(context, body);
            call = CompletionReader.Read(body, model);
        }

        CompletionForm form = new(model, call);
        if (call.Stream)
        {
            await sender.Send(context, model, call.Prompts[0], streams: true, form).ConfigureAwait(false);
            return;
        }

        Spent spent = new();
        Completed[] completed = new Completed[call.Prompts.Count];
        // So many prompts at a time as are answered side by side: the rest of a batch does not fill the queue.
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = model.Queue.Slots, CancellationToken = context.RequestAborted };
        await Parallel.ForEachAsync(Enumerable.Range(0, completed.Length), parallel, async (i, cancel) =>
            completed[i] = await One(call, call.Prompts[i], model, spent, cancel).ConfigureAwait(false)).ConfigureAwait(false);
        await AnswerSender.SendWhole(context, form.Whole(completed, spent)).ConfigureAwait(false);
    }

    private async Task<Completed> One(CompletionCall call, Asked asked, ServedModel model, Spent spent, CancellationToken gone)
    {
        Likelihoods? scored = call.Echo && call.Logprobs is { } top ? await Score(asked, top, model, gone).ConfigureAwait(false) : null;
        if (!call.Writes)
        {
            lock (spent)
            {
                spent.AddPrompt(asked, scored?.Cached ?? 0);
            }

            return new Completed(asked, [], scored);
        }

        using Answerer answerer = new(model, asked, sender.Options, state, gone);
        Choice[] choices = [.. Enumerable.Range(0, asked.Choices).Select(i => new Choice(i, showsThinking: true))];
        await foreach (AnswerEvent happened in answerer.Events(gone).ConfigureAwait(false))
        {
            Choice choice = choices[happened.Choice];
            foreach (Shown shown in choice.Take(happened))
            {
                choice.Written += CompletionForm.TextOf(shown);
            }

            if (happened.Done is { } answer)
            {
                lock (spent)
                {
                    spent.Add(asked, answer, happened.Reused);
                }
            }
        }

        return new Completed(asked, choices, scored);
    }

    private async Task<Likelihoods> Score(Asked asked, int top, ServedModel model, CancellationToken gone)
    {
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(gone, state.End);
        using Admission.Place place = model.Queue.Enter();
        return await place.Run(() => model.Answers.ScoreAsync(asked.Rows, new ScoreOptions(1, top), cancel.Token), cancel.Token).ConfigureAwait(false);
    }
}
