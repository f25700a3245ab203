using System;
using FsCheck.Xunit;

namespace GemmaVk.Shared;

/// <summary>
/// How every property of an assembly is run. Where CI is set the cases are the same each time, so that a landing is judged by its change
/// and not by the draw; everywhere else each run draws others.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class PropertiesOfThisRoomAttribute : PropertiesAttribute
{
    public PropertiesOfThisRoomAttribute()
    {
        Arbitrary = [typeof(Arbitraries)];
        if (Environment.GetEnvironmentVariable("CI") is not null)
        {
            Replay = "1,3";
        }
    }
}
