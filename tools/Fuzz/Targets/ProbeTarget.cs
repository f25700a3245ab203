using System;
using System.Collections.Generic;
using System.IO;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Media;
using GemmaVk.Media.Decoding;

namespace GemmaVk.Fuzz.Targets;

/// <summary>What ffprobe answers about a video.</summary>
internal sealed class ProbeTarget : Target
{
    public override string Name => "ffprobe";

    public override string Reads => "ffprobe's answers";

    public override IMutation Structure { get; } = new AnswerMutation();

    public override IEnumerable<byte[]> Seeds() =>
    [
        Fuzz.Seeds.Text("{\"programs\":[],\"streams\":[{\"avg_frame_rate\":\"25/1\",\"nb_read_packets\":\"50\"}],\"format\":{\"duration\":\"2.000000\"}}"),
        Fuzz.Seeds.Text("{\"streams\":[{\"avg_frame_rate\":\"0/0\",\"nb_read_packets\":\"1000\",\"side_data_list\":[{}]}],\"format\":{}}"),
        Fuzz.Seeds.Text("null"),
        Fuzz.Seeds.Text("packet|pts=0|dts=0|duration=512|flags=K__\npacket|pts=512|dts=512|duration=512|flags=___\npacket|pts=1024|duration=512\nstream|avg_frame_rate=25/1|time_base=1/12800|duration=0.120000\nformat|duration=0.120000\n"),
        Fuzz.Seeds.Text("frame|best_effort_timestamp=0|pkt_dts=0|duration=1\nframe|best_effort_timestamp=N/A|pkt_dts=1|pkt_duration=1\nstream|avg_frame_rate=0/0|time_base=1/1000|duration=N/A\nformat|duration=1.5\n"),
    ];

    public override bool Parse(byte[] input)
    {
        using MemoryStream answer = new(input);
        return VideoFacts.Parse(answer, "video", MediaLimits.Default) is not null;
    }

    public override Target Another() => new ProbeTarget();
}
