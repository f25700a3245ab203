using System.Linq;
using GemmaVk.Gpu;
using GemmaVk.Kernels;
using GemmaVk.Media;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Media;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>
/// A whole prompt and a few decoding steps under the Khronos validation layer with synchronisation validation: nothing
/// may be said. The software driver runs dispatches in order, so a missing barrier would never show in a result.
/// </summary>
public class ValidationTests
{
    [Theory]
    [InlineData("tiny", true, DType.F16, FullKvStorage.Values)]
    [InlineData("tiny", false, DType.F16, FullKvStorage.KeysAndValues)]
    [InlineData("tiny-w4a16-ct", true, DType.Q8, FullKvStorage.Values)]
    [InlineData("tiny-w8a16-ct", true, DType.Q8, FullKvStorage.KeysAndValues)]
    [InlineData("tiny-fp8-ct", false, DType.F32, FullKvStorage.Values)]
    public void Prefill_and_decode_are_clean(string checkpointName, bool quantise, DType kv, FullKvStorage fullKv)
    {
        using VulkanBackend backend = VulkanBackend.Create(new GpuOptions { Validation = true });
        using Checkpoint checkpoint = Checkpoint.Open(Repository.Golden(checkpointName));
        using (GemmaModel model = GemmaModel.Load(checkpoint, backend, new Precision(kv, quantise, FullKv: fullKv), chunk: 20))
        {
            using Session session = model.NewSession(96);
            Sample.Choice choice = new(Temperature: 1, TopK: 40, TopP: 0.9f, MinP: 0.01f, Seed: 5);
            session.Prefill([.. Enumerable.Range(20, 33)], choice);
            // Two pictures and a sound in one pass: each waits for the buffers of the one before.
            Medium picture = Medium.Image(model, new Picture(48, 144, new byte[6912 * 3]));
            PromptRows media = PromptRows.Of(
                model.Config, [5, 7, 7, 7, 6, 5, 7, 7, 7, 6, 8, 10, 10, 9, 30], [picture, picture, Medium.Sound(model, new float[1000])]);
            int id = session.Prefill(media, choice);
            for (int i = 0; i < 3; i++)
            {
                id = session.Decode(id, choice);
            }

            using Session fork = session.Fork();
            fork.Decode(id, default);
            fork.Run([3, 4, 5, 6], 4, default(Sample.Choice));
            fork.Rewind(2);
            fork.Decode(7, default);
        }

        Assert.Empty(backend.ValidationMessages);
    }
}
