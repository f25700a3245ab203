using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Tests;
using GemmaVk.Text;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>A device that stops answering while a model is loaded onto it, and in a conversation with a picture.</summary>
public sealed class LostDeviceTests
{
    [Fact]
    public void Loading_begins_anew_twice_and_then_it_is_over()
    {
        int calls;
        using (FaultyDriver counting = new())
        {
            using GemmaEngine engine = Load();
            calls = counting.Counts["vkWaitSemaphores"];
        }

        List<string> notices = [];
        using (FaultyDriver driver = new())
        {
            driver.Fail("vkWaitSemaphores", calls / 2);
            driver.Fail("vkWaitSemaphores", calls);
            using GemmaEngine engine = Load(notices);
            using GemmaSession session = engine.NewSession(256);
            Assert.Equal(2, driver.Happened);
            Assert.Contains("Tokyo", session.Ask("What is the capital of Japan?", PebbleEngine.Greedy).Text, StringComparison.Ordinal);
        }

        Assert.Equal(2, notices.Count);
        Assert.Contains("Loading begins anew, try 2 of 3", notices[0], StringComparison.Ordinal);

        using FaultyDriver worse = new();
        for (int i = 1; i <= 3; i++)
        {
            worse.Fail("vkWaitSemaphores", i);
        }

        Assert.Contains("stopped answering", Assert.Throws<DeviceLostException>(() => Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_conversation_about_a_picture_goes_on()
    {
        string[] expected = Talk(lose: false, []);
        List<string> notices = [];
        Assert.Equal(expected, Talk(lose: true, notices));
        Assert.Contains("opened anew", Assert.Single(notices), StringComparison.Ordinal);
    }

    private static GemmaEngine Load(List<string>? notices = null) =>
        GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "vulkan", Notice = notices is null ? null : notices.Add });

    private static string[] Talk(bool lose, List<string> notices)
    {
        using FaultyDriver driver = new();
        using GemmaEngine engine = Load(notices);
        MediaLoader loader = new(engine.Model.Config, new MediaSettings());
        using GemmaSession session = engine.NewSession(1024);
        LoadedMedia picture = loader.Load(ChatPartKind.Image, Repository.Example("picture-0.png"));
        List<string> said = [session.Ask([.. picture.Parts, MessagePart.Words("What is in this picture?")], PebbleEngine.Greedy).Text];
        if (lose)
        {
            driver.Fail("vkQueueSubmit", driver.Counts["vkQueueSubmit"] + 3);
        }

        said.Add(session.Ask("Which colour is it?", PebbleEngine.Greedy).Text);
        said.Add(session.Ask("What is 47 + 85?", PebbleEngine.Greedy).Text);
        return [.. said];
    }
}
