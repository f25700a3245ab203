using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace GemmaVk.Cpu.Tests;

/// <summary>Cores and what limits them, as Linux writes them down, in files that are made up.</summary>
public sealed class CpuCoresTests
{
    private const string SecondMount = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
    private const string FirstMount = "35 31 0:32 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n";

    [Fact]
    public void Two_hardware_threads_are_one_core() => Check(2, "", Machine("0-3", 4, pairs: true));

    [Fact]
    public void A_machine_that_tells_no_siblings_has_a_core_per_processor() => Check(3, "", new() { ["/proc/self/status"] = "Name:\tx\nCpus_allowed_list:\t0-2\n" });

    [Fact]
    public void Only_the_processors_of_the_mask_count() => Check(1, "2 of 8 processors by the mask of the process", Machine("2,3", 8, pairs: true));

    [Fact]
    public void Sixty_four_processors_in_a_group_of_two_are_two_cores()
    {
        Dictionary<string, string> files = Machine("0-63", 64, pairs: false);
        files["/proc/self/cgroup"] = "0::/a/b\n";
        files["/proc/self/mountinfo"] = SecondMount;
        files["/sys/fs/cgroup/a/b/cpu.max"] = "max 100000\n";
        files["/sys/fs/cgroup/a/cpu.max"] = "200000 100000\n";
        Check(2, "time for 2 by the control group", files);
        files["/sys/fs/cgroup/a/b/cpu.max"] = "50000 100000\n";
        Check(1, "time for 0.5 by the control group", files);
    }

    [Fact]
    public void A_group_of_version_1_counts()
    {
        Dictionary<string, string> files = Machine("0-7", 8, pairs: false);
        files["/proc/self/cgroup"] = "4:cpu,cpuacct:/job\n";
        files["/proc/self/mountinfo"] = FirstMount;
        files["/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us"] = "250000\n";
        files["/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us"] = "100000\n";
        files["/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us"] = "-1\n";
        Check(3, "time for 2.5 by the control group", files);
    }

    [Fact]
    public void Fast_and_slow_cores_are_all_used_and_named()
    {
        Dictionary<string, string> files = Machine("0-5", 6, pairs: false);
        foreach (int processor in Enumerable.Range(0, 6))
        {
            files[$"/sys/devices/system/cpu/cpu{processor}/cpufreq/cpuinfo_max_freq"] = processor < 2 ? "5400000\n" : "4200000\n";
        }

        Check(6, "of 2 speeds, up to 5.4 and 4.2 GHz", files);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Cpus_allowed_list:\t\n")]
    [InlineData("Cpus_allowed_list:\tall\n")]
    [InlineData("Cpus_allowed_list:\t3-1\n")]
    [InlineData("Cpus_allowed_list:\t0-4294967295\n")]
    public void A_mask_that_cannot_be_read_says_nothing(string status) => Assert.Null(CpuCores.OfLinux(path => path == "/proc/self/status" ? status : null));

    [Fact]
    public void This_machine_has_cores() => Assert.InRange(CpuCores.Read().Count, 1, Environment.ProcessorCount);

    private static void Check(int count, string notes, Dictionary<string, string> files) => Assert.Equal(new CpuCores(count, notes), CpuCores.OfLinux(path => files.GetValueOrDefault(path)));

    private static Dictionary<string, string> Machine(string allowed, int processors, bool pairs)
    {
        Dictionary<string, string> files = new() { ["/proc/self/status"] = $"Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t{allowed}\n", ["/sys/devices/system/cpu/online"] = $"0-{processors - 1}\n" };
        for (int i = 0; i < processors; i++)
        {
            files[$"/sys/devices/system/cpu/cpu{i}/topology/thread_siblings_list"] = pairs ? $"{i & ~1}-{i | 1}\n" : $"{i}\n";
        }

        return files;
    }
}
