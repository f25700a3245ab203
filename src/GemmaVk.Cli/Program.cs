System.Console.Error.WriteLine("gemmavk"); return 0;
