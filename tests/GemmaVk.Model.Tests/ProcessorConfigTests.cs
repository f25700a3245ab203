using System;
using System.IO;
using GemmaVk.Shared;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Model.Tests;

/// <summary>Numbers of processor_config.json become sizes: each has bounds, and the sentence names the file and the key.</summary>
public sealed class ProcessorConfigTests
{
    [Theory]
    [InlineData("soft_100k", "image_processor.max_soft_tokens must be one of 70, 140, 280, 560, 1120, but is 100000")]
    [InlineData("soft_huge", "image_processor.max_soft_tokens must be one of 70, 140, 280, 560, 1120, but is 2147483647")]
    [InlineData("soft_neg", "image_processor.max_soft_tokens must be one of 70, 140, 280, 560, 1120, but is -5")]
    public void TheFilesOfTheField(string name, string says) =>
        Refuses(File.ReadAllText(Repository.Path("tests", "golden", "field", "config", $"{name}.processor_config.json")), says);

    [Theory]
    [InlineData("""{"video_processor": {"max_soft_tokens": 0}}""", "video_processor.max_soft_tokens must be one of")]
    [InlineData("""{"video_processor": {"num_frames": 0}}""", "video_processor.num_frames must be between 1 and 3360, but is 0")]
    [InlineData("""{"video_processor": {"num_frames": 2147483647}}""", "video_processor.num_frames must be between 1 and 3360")]
    [InlineData("""{"audio_ms_per_token": 0}""", "audio_ms_per_token must be between 1 and 1000, but is 0")]
    [InlineData("""{"audio_ms_per_token": -40}""", "audio_ms_per_token must be between 1 and 1000")]
    [InlineData("""{"audio_seq_length": 0}""", "audio_seq_length must be between 25 and 90000, but is 0")]
    [InlineData("""{"audio_seq_length": 2147483647}""", "audio_seq_length must be between 25 and 90000")]
    [InlineData("""{"feature_extractor": {"sampling_rate": 8000}}""", "feature_extractor.sampling_rate must be 16000, but is 8000")]
    [InlineData("""{"feature_extractor": {"audio_samples_per_token": 0}}""", "feature_extractor.audio_samples_per_token must be 640, but is 0")]
    [InlineData("""{"image_processor": {"patch_size": 0}}""", "image_processor.patch_size must be 16, but is 0")]
    [InlineData("""{"image_processor": {"pooling_kernel_size": 1000000}}""", "image_processor.pooling_kernel_size must be 3, but is 1000000")]
    [InlineData("""{"image_processor": {"do_rescale": false}}""", "image_processor.do_rescale must be true, but is false")]
    [InlineData("""{"video_processor": {"rescale_factor": 1}}""", "video_processor.rescale_factor must be 1/255, but is 1")]
    [InlineData("""{"image_processor": {"do_normalize": true, "image_mean": [0.5, 0.5, 0.5]}}""", "image_processor.image_mean must be a list of 0 where do_normalize is true, but is a list with 0.5")]
    [InlineData("""{"video_processor": {"do_normalize": true, "image_std": [1, 1, 0.5]}}""", "video_processor.image_std must be a list of 1")]
    [InlineData("""{"video_processor": {"do_normalize": true, "image_std": ["1"]}}""", "video_processor.image_std must be a list of numbers")]
    [InlineData("""{"audio_before_text": "yes"}""", "audio_before_text must be true or false")]
    public void ANumberOutOfBoundsIsNamed(string json, string says) => Refuses(json, says);

    [Fact]
    public void ABudgetOfConfigJsonIsNamedThere()
    {
        using TemporaryFolder folder = new();
        string config = folder.Write("config.json", File.ReadAllText(Repository.Path("weights", "pebble", "config.json")).Replace("\"num_soft_tokens\": 70", "\"num_soft_tokens\": 100000", StringComparison.Ordinal));
        string message = Assert.Throws<GemmaVkException>(() => Gemma4Config.Load(folder.Path)).Message;
        Assert.Contains($"{config}: vision_config.num_soft_tokens must be one of", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ANormalisationThatChangesNothingIsTaken()
    {
        Assert.Equal(32, Load("""{"video_processor": {"do_normalize": true, "image_mean": [0.0, 0.0, 0.0], "image_std": [1.0, 1, 1]}}""").Processor.NumFrames);
        Assert.Equal(32, Load("""{"image_processor": {"do_normalize": false, "image_mean": [0.5], "rescale_factor": 0.00392156862745098}}""").Processor.NumFrames);
    }

    [Theory]
    [InlineData("\"audio_embed_dim\": 640", "\"audio_embed_dim\": 0", "audio_config.audio_embed_dim must be")]
    [InlineData("\"patch_size\": 16", "\"patch_size\": 46341", "vision_config.patch_size must be between 1 and 1024, but is 46341")]
    public void ANumberThatIsWrongInConfigJsonIsNotBlamedOnTheFileBesideIt(string right, string wrong, string says)
    {
        using TemporaryFolder folder = new();
        string config = folder.Write("config.json", File.ReadAllText(Repository.Path("weights", "pebble", "config.json")).Replace(right, wrong, StringComparison.Ordinal));
        folder.Write("processor_config.json", File.ReadAllText(Repository.Path("weights", "pebble", "processor_config.json")));
        string message = Assert.Throws<GemmaVkException>(() => Gemma4Config.Load(folder.Path)).Message;
        Assert.Contains($"{config}: {says}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void SoundIsInFrontWhereTheFileSaysSoAlone()
    {
        Assert.True(Gemma4Config.Load(Repository.Path("weights", "pebble")).Processor.AudioBeforeText);
        Assert.False(Load("{}").Processor.AudioBeforeText);
        Assert.True(Load("""{"audio_before_text": true}""").Processor.AudioBeforeText);
    }

    private static void Refuses(string json, string says)
    {
        string message = Assert.Throws<GemmaVkException>(() => Load(json)).Message;
        Assert.Contains("processor_config.json: " + says, message, StringComparison.Ordinal);
    }

    private static Gemma4Config Load(string processor)
    {
        using TemporaryFolder folder = new();
        folder.Write("config.json", File.ReadAllText(Repository.Path("weights", "pebble", "config.json")));
        folder.Write("processor_config.json", processor);
        return Gemma4Config.Load(folder.Path);
    }
}
