using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace GemmaVk.House.Tests;

/// <summary>The rules of StyleRules on every file that people write.</summary>
public class StyleTests
{
    [Fact]
    public void Nothing_is_postponed() => Check(StyleRules.Postponed);

    [Fact]
    public void No_path_of_one_machine() => Check(StyleRules.MachinePaths);

    [Fact]
    public void No_issue_numbers_in_comments() => Check(StyleRules.IssueNumbers);

    [Fact]
    public void Names_say_what_is_inside() => Check(StyleRules.EmptyNames);

    [Fact]
    public void Every_silenced_warning_has_a_reason() => Check(StyleRules.SilencedWithoutReason);

    [Fact]
    public void Numbers_are_the_same_in_every_country() => Check(StyleRules.NumbersOfACulture);

    private static void Check(Func<string, string, IEnumerable<string>> rule)
    {
        Assert.NotEmpty(Checkout.Texts);
        Report.Empty(Checkout.Texts.SelectMany(path => rule(path, Checkout.Read(path))));
    }
}
