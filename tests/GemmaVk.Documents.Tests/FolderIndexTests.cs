using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Documents.Index;
using GemmaVk.Documents.Search;
using GemmaVk.Documents.Tests.Made;
using GemmaVk.Tensors;
using Microsoft.Data.Sqlite;
using Xunit;

namespace GemmaVk.Documents.Tests;

/// <summary>The index of a folder: what changed is read, what went is forgotten, and what can happen to its file has a sentence.</summary>
public class FolderIndexTests
{
    private static IndexReport Update(string folder)
    {
        using FolderIndex index = FolderIndex.Open(folder);
        return index.Update();
    }

    private static string[] Found(string folder, string question)
    {
        using FolderIndex index = FolderIndex.Open(folder);
        return [.. index.Find(question, 10).Select(each => each.Passage.File)];
    }

    private static string Place(TemporaryFolder folder) => folder[FolderIndex.FileName];

    // What was written in these seconds is read again, because it may change once more.
    private static void Age(TemporaryFolder folder)
    {
        foreach (string file in Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Where(file => !Path.GetFileName(file).StartsWith('.')))
        {
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(-5));
        }
    }

    [Fact]
    public void Only_what_changed_is_read()
    {
        using TemporaryFolder folder = new();
        folder.Write("a.md", "# Whales\n\nWhales sing.");
        folder.Write("sub/b.txt", "Owls fly at night.");
        folder.Write("c.png", [0x89, 0x50, 0, 0, 0]);
        Age(folder);
        IndexReport first = Update(folder.Path);
        Assert.Equal((2, 2, 1), (first.Files, first.Read, first.Binary));
        IndexReport again = Update(folder.Path);
        Assert.Equal((2, 0, 0, 0, 0), (again.Files, again.Read, again.Renamed, again.Removed, again.Binary));

        // Another time on the same content and name is no other name.
        File.SetLastWriteTimeUtc(folder["a.md"], DateTime.UtcNow.AddMinutes(-4));
        IndexReport touched = Update(folder.Path);
        Assert.Equal((2, 0, 0, 0), (touched.Files, touched.Read, touched.Renamed, touched.Removed));

        File.Move(folder["a.md"], folder["sub/z.md"]);
        IndexReport renamed = Update(folder.Path);
        Assert.Equal((2, 0, 1, 1), (renamed.Files, renamed.Read, renamed.Renamed, renamed.Removed));
        Assert.Equal(["sub/z.md"], Found(folder.Path, "whale"));

        folder.Write("sub/b.txt", "Mice hide by day.");
        IndexReport changed = Update(folder.Path);
        Assert.Equal((2, 1), (changed.Files, changed.Read));
        Assert.Empty(Found(folder.Path, "owls"));
        Assert.Equal(["sub/b.txt"], Found(folder.Path, "mouse mice"));

        File.Delete(folder["sub/b.txt"]);
        Assert.Equal((1, 1), (Update(folder.Path) is var gone ? gone.Files : 0, gone.Removed));
        Assert.Empty(Found(folder.Path, "mice"));
    }

    [LinuxFact]
    public void Gitignore_links_and_hidden_files_are_heeded()
    {
        using TemporaryFolder outside = new();
        outside.Write("secret.txt", "word outside");
        using TemporaryFolder folder = new();
        folder.Write(".gitignore", "*.log\n/build/\n!keep.log\ndocs/**/draft?.md\n# comment\n");
        folder.Write("sub/.gitignore", "local.txt\n!again.log\n");
        foreach (string name in (string[])["a.txt", "x.log", "keep.log", "build/b.txt", "sub/build/c.txt", "docs/a/b/draft1.md", "docs/draft12.md", "sub/local.txt", "sub/again.log", ".hidden/d.txt", ".env"])
        {
            folder.Write(name, $"word {name}");
        }

        File.CreateSymbolicLink(folder["link.txt"], outside["secret.txt"]);
        Directory.CreateSymbolicLink(folder["linked"], outside.Path);
        Directory.CreateSymbolicLink(folder["loop"], folder.Path);
        Update(folder.Path);
        Assert.Equal(["a.txt", "docs/draft12.md", "keep.log", "sub/again.log", "sub/build/c.txt"], Found(folder.Path, "word").Order(StringComparer.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsLinux() ? File.GetUnixFileMode(Place(folder)) : default);
    }

    [LinuxFact]
    public void A_name_that_is_no_utf8_is_said_and_passed_over()
    {
        using TemporaryFolder folder = new();
        folder.Write("a.txt", "word");
        using Process shell = Process.Start("sh", ["-c", $"printf word > \"$(printf '{folder.Path}/b\\377.txt')\""])!;
        shell.WaitForExit();
        Assert.Contains("not UTF-8", Assert.Single(Update(folder.Path).Skipped).Reason);
        foreach (string odd in Directory.GetFiles(folder.Path))
        {
            Assert.NotNull(odd);
        }

        using Process remove = Process.Start("sh", ["-c", $"rm -f {folder.Path}/b*"])!;
        remove.WaitForExit();
    }

    [Fact]
    public void Documents_that_cannot_be_read_are_named_each_time_and_not_read_again()
    {
        using TemporaryFolder folder = new();
        folder.Write("bad.pdf", "%PDF-1.4 nothing");
        folder.Write("good.txt", "word");
        Age(folder);
        (string Path, string Reason) first = Assert.Single(Update(folder.Path).Skipped);
        Assert.Equal("bad.pdf", first.Path);
        IndexReport again = Update(folder.Path);
        Assert.Equal((0, first), (again.Read, Assert.Single(again.Skipped)));
    }

    [Fact]
    public void Another_version_another_file_and_another_program()
    {
        using TemporaryFolder folder = new();
        folder.Write("a.txt", "word");
        Update(folder.Path);
        Sql(Place(folder), "PRAGMA user_version = 7");
        Assert.Contains("version 1, but it is of version 7; delete the file", Refused(folder));
        Sql(Place(folder), "PRAGMA application_id = 1");
        Assert.Contains("database of another program", Refused(folder));
        File.Delete(Place(folder));
        folder.Write(FolderIndex.FileName, "no database at all, but long enough to be looked at as one");
        Assert.Contains("it is another file", Refused(folder));
        Assert.Equal("no database at all, but long enough to be looked at as one", File.ReadAllText(Place(folder)));
        Assert.Contains("expected a folder", Assert.Throws<GemmaVkException>(() => FolderIndex.Open(folder["none"])).Message);
        Assert.Contains("it is a file", Assert.Throws<GemmaVkException>(() => FolderIndex.Open(folder["a.txt"])).Message);
    }

    [Fact]
    public void Locked_by_another_program()
    {
        using TemporaryFolder folder = new();
        folder.Write("a.txt", "word");
        Update(folder.Path);
        folder.Write("b.txt", "other");
        using SqliteConnection other = new($"Data Source={Place(folder)};Pooling=False");
        other.Open();
        using SqliteCommand begin = other.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        begin.ExecuteNonQuery();
        using (FolderIndex index = FolderIndex.Open(folder.Path, null, null, patience: 1))
        {
            // Searching goes on meanwhile.
            Assert.Single(index.Find("word", 5));
            Assert.Contains("nobody writes to, but another program does", Assert.Throws<GemmaVkException>(() => index.Update()).Message);
        }

        begin.CommandText = "ROLLBACK";
        begin.ExecuteNonQuery();
        Assert.Equal(2, Update(folder.Path).Files);
    }

    [Fact]
    public void A_full_disk_keeps_what_was_whole()
    {
        using TemporaryFolder folder = new();
        folder.Write("a.txt", "word");
        using (FolderIndex index = FolderIndex.Open(folder.Path))
        {
            index.Update();
            folder.Write("b.txt", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"number {i} ")));
            index.Bound(24);
            Assert.Contains("the disk is full", Assert.Throws<GemmaVkException>(() => index.Update()).Message);
            Assert.Single(index.Find("word", 5));
            Assert.Empty(index.Find("number", 5));
        }

        Assert.Equal(2, Update(folder.Path).Files);
    }

    [Fact]
    public async Task A_folder_that_changes_while_it_is_indexed()
    {
        using TemporaryFolder folder = new();
        for (int i = 0; i < 60; i++)
        {
            folder.Write($"f{i}.txt", $"word {i}");
        }

        using CancellationTokenSource ended = new();
        Task changing = Task.Run(() =>
        {
            for (int i = 0; !ended.IsCancellationRequested; i = (i + 1) % 60)
            {
                File.Delete(folder[$"f{i}.txt"]);
                folder.Write($"f{(i * 7) % 60}.txt", $"word {i} {new string('x', i * 100)}");
            }
        });
        using (FolderIndex index = FolderIndex.Open(folder.Path))
        {
            for (int i = 0; i < 5; i++)
            {
                index.Update();
            }
        }

        await ended.CancelAsync();
        await changing;
        Age(folder);
        Assert.Equal(Directory.GetFiles(folder.Path, "*.txt").Length, Update(folder.Path).Files);
        Assert.NotEmpty(Found(folder.Path, "word"));
    }

    [LinuxFact]
    public void Killed_at_any_moment_the_index_is_whole()
    {
        using TemporaryFolder folder = new();
        for (int i = 0; i < 400; i++)
        {
            folder.Write($"d{i % 7}/f{i}.md", $"# Head {i}\n\n{string.Concat(Enumerable.Range(0, 200).Select(j => $"word{i} says {j}. "))}");
        }

        string cli = Path.Combine(AppContext.BaseDirectory, "GemmaVk.Cli.dll");
        Random random = new(5);
        for (int kill = 0; kill < 4; kill++)
        {
            using Process indexing = Process.Start(new ProcessStartInfo("dotnet", [cli, "index", folder.Path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Thread.Sleep(250 + random.Next(350));
            indexing.Kill();
            indexing.WaitForExit();
            using SqliteConnection database = new($"Data Source={Place(folder)};Pooling=False");
            if (File.Exists(Place(folder)) && new FileInfo(Place(folder)).Length > 0)
            {
                database.Open();
                Assert.Equal("ok", Ask(database, "PRAGMA integrity_check"));
                if ((long)Ask(database, "SELECT count(*) FROM sqlite_master WHERE name = 'file'") > 0)
                {
                    // Every file that is known has all of its passages.
                    Assert.Equal(0L, Ask(database, "SELECT count(*) FROM file WHERE (SELECT count(*) FROM passage WHERE passage.content = file.content) < 3"));
                }
            }
        }

        Assert.Equal(400, Update(folder.Path).Files);
        Assert.StartsWith("d", Found(folder.Path, "word399")[0]);
    }

    private static object Ask(SqliteConnection database, string text)
    {
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar()!;
    }

    private static string Refused(TemporaryFolder folder) => Assert.Throws<GemmaVkException>(() => FolderIndex.Open(folder.Path)).Message;

    private static void Sql(string path, string text)
    {
        using SqliteConnection database = new($"Data Source={path};Pooling=False");
        database.Open();
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
