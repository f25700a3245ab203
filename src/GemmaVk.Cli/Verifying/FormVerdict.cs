using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;

namespace GemmaVk.Cli.Verifying;

/// <summary>What came of all cases in one form of a device.</summary>
/// <param name="Form">The form in words.</param>
/// <param name="Device">The device as opened in it.</param>
/// <param name="Cases">One per case.</param>
internal sealed record FormVerdict(string Form, DeviceDescription Device, IReadOnlyList<CaseVerdict> Cases)
{
    /// <summary>Shader modules that ran.</summary>
    public IEnumerable<string> Modules => Cases.SelectMany(each => each.Modules).Distinct();
}
