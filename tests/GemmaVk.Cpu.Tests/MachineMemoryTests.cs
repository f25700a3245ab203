using System;
using System.Collections.Generic;
using Xunit;

namespace GemmaVk.Cpu.Tests;

/// <summary>Memory and limits as Linux writes them down, in files that are made up.</summary>
public sealed class MachineMemoryTests
{
    private const long GiB = 1L << 30;
    private const string Meminfo = "MemTotal:       16777216 kB\nMemFree:          100000 kB\nMemAvailable:    8388608 kB\n";
    private const string SecondMount = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
    private const string FirstMount = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";

    [Fact]
    public void Without_groups_the_machine_counts() => Check(16 * GiB, 8 * GiB, "physical memory", new() { ["/proc/meminfo"] = Meminfo });

    [Fact]
    public void A_kernel_that_does_not_say_what_is_available_says_what_is_free() =>
        Check(16 * GiB, 100000 * 1024L, "physical memory", new() { ["/proc/meminfo"] = Meminfo.Replace("MemAvailable", "Other", StringComparison.Ordinal) });

    [Fact]
    public void A_limit_of_version_2_counts_and_cached_files_are_free() => Check(4 * GiB, 3 * GiB, "memory limit of the control group", new()
    {
        ["/proc/meminfo"] = Meminfo,
        ["/proc/self/cgroup"] = "0::/user.slice/job\n",
        ["/proc/self/mountinfo"] = SecondMount,
        ["/sys/fs/cgroup/user.slice/job/memory.max"] = "4294967296\n",
        ["/sys/fs/cgroup/user.slice/job/memory.current"] = "3221225472\n",
        ["/sys/fs/cgroup/user.slice/job/memory.stat"] = "anon 1073741824\nfile 2147483648\ninactive_file 1073741824\nactive_file 1073741824\n",
    });

    [Fact]
    public void The_tightest_limit_on_the_way_up_counts() => Check(2 * GiB, GiB, "memory limit of the control group", new()
    {
        ["/proc/meminfo"] = Meminfo,
        ["/proc/self/cgroup"] = "0::/a/b\n",
        ["/proc/self/mountinfo"] = SecondMount,
        ["/sys/fs/cgroup/a/b/memory.max"] = "max\n",
        ["/sys/fs/cgroup/a/memory.max"] = "2147483648\n",
        ["/sys/fs/cgroup/a/memory.current"] = "1073741824\n",
        ["/sys/fs/cgroup/memory.max"] = "8589934592\n",
    });

    [Fact]
    public void A_limit_of_version_1_counts() => Check(3 * GiB, 2 * GiB, "memory limit of the control group", new()
    {
        ["/proc/meminfo"] = Meminfo,
        ["/proc/self/cgroup"] = "9:name=systemd:/\n4:memory:/job\n0::/\n",
        ["/proc/self/mountinfo"] = FirstMount,
        ["/sys/fs/cgroup/memory/job/memory.limit_in_bytes"] = "3221225472",
        ["/sys/fs/cgroup/memory/job/memory.usage_in_bytes"] = "2147483648",
        ["/sys/fs/cgroup/memory/job/memory.stat"] = "inactive_file 5\ntotal_inactive_file 536870912\ntotal_active_file 536870912\n",
        ["/sys/fs/cgroup/memory/memory.limit_in_bytes"] = "9223372036854771712",
    });

    [Theory]
    [InlineData("Max address space         6442450944           unlimited            bytes     \n", 6, 4, "limit on the address space of the process (ulimit -v)")]
    [InlineData("Max data size             3221225472           3221225472           bytes     \n", 3, 2, "limit on the data of the process (ulimit -d)")]
    [InlineData("Max address space         21474836480          21474836480          bytes     \n", 16, 8, "physical memory")]
    [InlineData("Max address space         unlimited            unlimited            bytes     \n", 16, 8, "physical memory")]
    [InlineData("Max address space\nMax data size             x\n", 16, 8, "physical memory")]
    public void A_limit_of_the_process_counts(string limits, int total, int available, string source) => Check(total * GiB, available * GiB, source, new()
    {
        ["/proc/meminfo"] = Meminfo,
        ["/proc/self/limits"] = "Limit                     Soft Limit           Hard Limit           Units     \n" + limits,
        ["/proc/self/status"] = "VmPeak:\t 9999999 kB\nVmSize:\t 2097152 kB\nVmData:\t 1048576 kB\n",
    });

    [Fact]
    public void In_a_container_the_path_counts_from_what_is_mounted() => Check(GiB, GiB, "memory limit of the control group", new()
    {
        ["/proc/meminfo"] = Meminfo,
        ["/proc/self/cgroup"] = "4:memory:/docker/abc\n",
        ["/proc/self/mountinfo"] = FirstMount.Replace(" / ", " /docker/abc ", StringComparison.Ordinal),
        ["/sys/fs/cgroup/memory/memory.limit_in_bytes"] = "1073741824",
    });

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("0::")]
    [InlineData("0::/a\n4:memory:\n:::")]
    public void What_cannot_be_read_limits_nothing(string cgroup) => Check(16 * GiB, 8 * GiB, "physical memory", new()
    {
        ["/proc/meminfo"] = Meminfo,
        ["/proc/self/cgroup"] = cgroup,
        ["/proc/self/mountinfo"] = SecondMount + "broken line\n - \n" + FirstMount,
        ["/sys/fs/cgroup/a/memory.max"] = "lots",
    });

    [Fact]
    public void A_system_without_these_files_is_asked_otherwise()
    {
        Assert.Null(MachineMemory.OfLinux(_ => null));
        MachineMemory here = MachineMemory.Read();
        Assert.InRange(here.AvailableBytes, 1, here.TotalBytes);
    }

    private static void Check(long total, long available, string source, Dictionary<string, string> files) =>
        Assert.Equal(new MachineMemory(total, available, source), MachineMemory.OfLinux(files.GetValueOrDefault));
}
