# startup.cmd calls this script with one of these commands:
#   has-address [ADDRESS]  succeeds if the private adapter has the address, or any
#   from-map               looks up the address in the host map on this server
#   refresh                uses the map on Cloud Storage; code 3: a new address
#   deploy                 loads the release of the pointer and runs its steps
#   drive                  maps the drive letter for the user who logs on
# It reads its settings from GOGRID_ variables, so no shell parses them. It reads
# secrets from files and passes them to Windows API calls, so no command line
# shows them. It runs with PowerShell 2 and .NET 3.5.
$ErrorActionPreference = 'Stop'
trap {
    [Console]::WriteLine($_.Exception.Message)
    exit 5
}
$gogrid = 'C:\gogrid'
$releases = Join-Path $gogrid 'releases'
$work = Join-Path $gogrid 'work'
$hostsFile = Join-Path $gogrid 'hosts.json'
$share = '\\' + $env:GOGRID_HOST + '\' + $env:GOGRID_SHARE
$script:problem = $env:GOGRID_PROBLEM
$script:steps = @()
[void][Reflection.Assembly]::LoadWithPartialName('System.Web.Extensions')

function Log($text) {
    [Console]::WriteLine((Get-Date).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ') + ' ' + $text)
}

# Problem logs a problem, and keeps the first one for the status file.
function Problem($text) {
    Log "PROBLEM: $text"
    if (-not $script:problem) { $script:problem = $text }
}

function Read-Json($path) {
    $serializer = New-Object System.Web.Script.Serialization.JavaScriptSerializer
    $serializer.MaxJsonLength = [int]::MaxValue
    return $serializer.DeserializeObject([IO.File]::ReadAllText($path))
}

# Get-Value returns the value of a key, or an empty string for a missing key.
function Get-Value($from, $key) {
    if ($from.ContainsKey($key)) { return $from[$key] }
    return ''
}

function Read-FirstLine($path) {
    if (-not (Test-Path -LiteralPath $path)) { return '' }
    $lines = [IO.File]::ReadAllLines($path)
    if ($lines.Length -eq 0) { return '' }
    return $lines[0]
}

# Wait-Until repeats a test until it succeeds or the time is over. A frozen share
# can block one test for a minute.
function Wait-Until($seconds, $test) {
    $end = (Get-Date).AddSeconds($seconds)
    while (-not (& $test)) {
        if ((Get-Date) -gt $end) { return $false }
        Start-Sleep -Seconds 2
    }
    return $true
}

function Get-Addresses($private) {
    $index = @(Get-WmiObject Win32_NetworkAdapter | Where-Object { $_.NetConnectionID } | Where-Object { ($_.NetConnectionID -eq $env:GOGRID_ADAPTER) -eq $private } | ForEach-Object { $_.Index })
    $all = @()
    foreach ($configuration in Get-WmiObject Win32_NetworkAdapterConfiguration) {
        if ($index -contains $configuration.Index) { $all += @($configuration.IPAddress) }
    }
    return @($all | Where-Object { $_ -match '^\d+\.\d+\.\d+\.\d+$' -and $_ -notlike '169.254.*' -and $_ -ne '0.0.0.0' })
}

# Get-ServerName returns the name of this server: from the file server-name, from
# the host map by public address, or from the computer name.
function Get-ServerName {
    $name = Read-FirstLine (Join-Path $gogrid 'server-name')
    if (-not $name -and (Test-Path -LiteralPath $hostsFile)) {
        $names = (Read-Json $hostsFile)['names']
        foreach ($address in Get-Addresses $false) {
            if ($names.ContainsKey($address)) { $name = $names[$address] }
        }
    }
    if (-not $name) { $name = $env:COMPUTERNAME.ToLowerInvariant() }
    if ($name -notmatch '^[A-Za-z0-9][A-Za-z0-9._-]*$') {
        Problem 'the name of this server has characters that no name has'
        return 'unknown'
    }
    return $name
}

# Write-Address writes address and mask to a file for startup.cmd.
function Write-Address {
    if (-not (Test-Path -LiteralPath $hostsFile)) { return $false }
    $addresses = (Read-Json $hostsFile)['addresses']
    $name = Get-ServerName
    if (-not $addresses.ContainsKey($name)) { return $false }
    if ($addresses[$name] -notmatch '^(\d{1,3}(\.\d{1,3}){3})/(\d{1,2})$') { return $false }
    $address = $matches[1]
    $ones = ('1' * [int]$matches[3]).PadRight(32, '0')
    $mask = (0..3 | ForEach-Object { [Convert]::ToInt32($ones.Substring($_ * 8, 8), 2) }) -join '.'
    [IO.File]::WriteAllText((Join-Path $gogrid 'address.txt'), "$address $mask`r`n")
    return $true
}

# Connect-Storage connects to the share for this session, with a drive letter if
# one is given. The system's own session needs none: no user sees its drives.
function Connect-Storage($letter) {
    $password = Read-FirstLine $env:GOGRID_PASSWORD_FILE
    if (-not $password) {
        Problem ('there is no password of Cloud Storage in ' + $env:GOGRID_PASSWORD_FILE)
        return $false
    }
    $network = New-Object -ComObject WScript.Network
    $seen = $share
    if ($letter) { $seen = "$letter\" }
    $open = {
        if ([IO.Directory]::Exists($seen)) { return $true }
        try { $network.MapNetworkDrive($letter, $share, $false, $env:GOGRID_USERNAME, $password) } catch { Log $_.Exception.Message }
        return [IO.Directory]::Exists($seen)
    }
    if (Wait-Until 180 $open) { return $true }
    Problem ('Cloud Storage at ' + $env:GOGRID_HOST + ' does not answer, or refuses ' + $env:GOGRID_USERNAME)
    return $false
}

function Get-Digest($path) {
    $file = [IO.File]::OpenRead($path)
    try { $sum = (New-Object Security.Cryptography.SHA256Managed).ComputeHash($file) } finally { $file.Close() }
    return [BitConverter]::ToString($sum).Replace('-', '').ToLowerInvariant()
}

# Expand-Release unpacks an archive with 7za.exe, if it is next to this script, or
# with .NET. Systems before Windows Server 2012 need 7za.exe.
function Expand-Release($archive, $folder) {
    $seven = Join-Path $gogrid '7za.exe'
    if (Test-Path -LiteralPath $seven) {
        & $seven x -y "-o$folder" $archive | Out-Null
        if ($LASTEXITCODE -ne 0) { throw "7za.exe ended with code $LASTEXITCODE" }
        return
    }
    Add-Type -AssemblyName System.IO.Compression.FileSystem
    [IO.Compression.ZipFile]::ExtractToDirectory($archive, $folder)
}

function Get-Pointer($server) {
    foreach ($name in "servers\$server.json", ('channels\' + $env:GOGRID_CHANNEL + '.json')) {
        $path = Join-Path $share $name
        if (-not [IO.File]::Exists($path)) {
            # A lost share looks the same, and must not unpin a server.
            if (-not [IO.Directory]::Exists($share)) { throw "$name could not be read from Cloud Storage" }
            continue
        }
        $pointer = Read-Json $path
        if ((Get-Value $pointer 'release') -cnotmatch '^[A-Za-z0-9][A-Za-z0-9._-]*$' -or (Get-Value $pointer 'sha256') -cnotmatch '^[0-9a-f]{64}$' -or
            ('/' + (Get-Value $pointer 'archive')) -notmatch '^(/[A-Za-z0-9_][A-Za-z0-9._-]*)+$') {
            throw "$name does not name a release, an archive and its sha256"
        }
        Log ("$name names the release " + $pointer['release'])
        return $pointer
    }
    throw ('channels\' + $env:GOGRID_CHANNEL + '.json is not on Cloud Storage')
}

# Receive-Release downloads the release and unpacks it into its own folder. It
# writes the digest last: a folder without it counts as incomplete.
function Receive-Release($pointer) {
    $folder = Join-Path $releases $pointer['release']
    $mark = "$folder.sha256"
    if ((Test-Path -LiteralPath $folder) -and (Read-FirstLine $mark) -eq $pointer['sha256']) { return }
    $archive = Join-Path $work 'release.zip'
    Log ('fetching ' + $pointer['archive'])
    [IO.File]::Copy((Join-Path $share $pointer['archive'].Replace('/', '\')), $archive, $true)
    $digest = Get-Digest $archive
    if ($digest -ne $pointer['sha256']) { throw ($pointer['archive'] + " has the sha256 $digest, and should have " + $pointer['sha256']) }
    foreach ($old in $mark, $folder, "$folder.part") {
        if (Test-Path -LiteralPath $old) { Remove-Item -LiteralPath $old -Recurse -Force }
    }
    Expand-Release $archive "$folder.part"
    if (-not (Test-Path -LiteralPath (Join-Path "$folder.part" 'bootstrap.json'))) { throw ($pointer['archive'] + ' holds no bootstrap.json') }
    [IO.Directory]::Move("$folder.part", $folder)
    [IO.File]::WriteAllText($mark, $pointer['sha256'] + "`r`n")
    [IO.File]::Delete($archive)
}

# Import-Key imports a certificate and its private key into a store of the machine.
# It first removes the copy from the image, because that copy has lost its key.
function Import-Key($file, $passwordFile, $storeName) {
    $password = ''
    if ($passwordFile) { $password = Read-FirstLine $passwordFile }
    $certificate = New-Object Security.Cryptography.X509Certificates.X509Certificate2
    $certificate.Import($file, $password, [Security.Cryptography.X509Certificates.X509KeyStorageFlags]'MachineKeySet,PersistKeySet')
    if (-not $certificate.HasPrivateKey) { throw "$file holds no private key" }
    $store = New-Object Security.Cryptography.X509Certificates.X509Store($storeName, [Security.Cryptography.X509Certificates.StoreLocation]::LocalMachine)
    $store.Open([Security.Cryptography.X509Certificates.OpenFlags]::ReadWrite)
    try {
        foreach ($old in @($store.Certificates | Where-Object { $_.Thumbprint -eq $certificate.Thumbprint })) { $store.Remove($old) }
        $store.Add($certificate)
    } finally { $store.Close() }
}

# Get-Inside returns the full path of a file in the release. It throws if the path
# leaves the release.
function Get-Inside($folder, $path) {
    if (('/' + $path + '/') -match '/\.{0,2}/' -or $path -match '[\\:]') { throw "the path $path leaves the release" }
    return Join-Path $folder $path.Replace('/', '\')
}

# Invoke-Line runs a command through a temporary cmd script. In a script, quoted
# text is literal except percent signs, which are doubled.
function Invoke-Line($words, $folder, $seconds) {
    $quoted = foreach ($word in $words) {
        if ($word -match '["\r\n]') { throw 'an argument holds a double quote or a line break, which cmd cannot pass on' }
        '"' + ($word -replace '(\\+)$', '$1$1').Replace('%', '%%') + '"'
    }
    $line = Join-Path $work 'run.cmd'
    [IO.File]::WriteAllText($line, '@' + ($quoted -join ' ') + "`r`n", [Text.Encoding]::ASCII)
    $start = New-Object Diagnostics.ProcessStartInfo
    $start.FileName = $env:ComSpec
    $start.Arguments = '/d /c ' + $line
    $start.WorkingDirectory = $folder
    $start.UseShellExecute = $false
    $process = [Diagnostics.Process]::Start($start)
    if (-not $process.WaitForExit($seconds * 1000)) {
        & taskkill /t /f /pid $process.Id | Out-Null
        throw "it was ended after $seconds seconds"
    }
    if ($process.ExitCode -ne 0) { throw ('it ended with code ' + $process.ExitCode) }
}

function Invoke-Run($run, $folder) {
    $script = Get-Inside $folder $run['script']
    $words = @($script) + @($run['args'])
    switch ([IO.Path]::GetExtension($script).ToLowerInvariant()) {
        '.ps1' { $words = @('powershell', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File') + $words }
        '.vbs' { $words = @('cscript', '//B', '//NoLogo') + $words }
    }
    $env:GOGRID_RELEASE_DIR = $folder
    Invoke-Line $words $folder ([int]$run['timeout_seconds'])
}

function Invoke-Step($step, $folder) {
    if ($step.ContainsKey('install')) {
        & robocopy (Get-Inside $folder $step['install']['from']) $step['install']['to'] /MIR /R:5 /W:2 /NFL /NDL /NJH /NJS /NP | Out-Null
        if ($LASTEXITCODE -ge 8) { throw "robocopy ended with code $LASTEXITCODE" }
    } elseif ($step.ContainsKey('certificate')) {
        $certificate = $step['certificate']
        $file = Get-Inside $folder $certificate['file']
        if (Get-Value $certificate 'password_file') { $passwordFile = Get-Inside $folder $certificate['password_file'] }
        else { $passwordFile = Join-Path $gogrid ([IO.Path]::GetFileName($file) + '.password') }
        Import-Key $file $passwordFile $certificate['store']
    } elseif ($step.ContainsKey('run')) {
        Invoke-Run $step['run'] $folder
    } elseif ($step.ContainsKey('service')) {
        switch ($step['service']['action']) {
            'start' { Start-Service -Name $step['service']['name'] }
            'stop' { Stop-Service -Name $step['service']['name'] -Force }
            'restart' { Restart-Service -Name $step['service']['name'] -Force }
            default { throw ('services do not know ' + $step['service']['action']) }
        }
    } else { throw 'this installer does not know such a step' }
}

# Invoke-Release runs the steps of a release. It returns false if a failed step
# stops it.
function Invoke-Release($release, $changed, $first) {
    $folder = Join-Path $releases $release
    $env:GOGRID_RELEASE = $release
    $script:steps = @()
    Log "running the steps of $release (changed: $changed, first boot: $first)"
    foreach ($step in @((Read-Json (Join-Path $folder 'bootstrap.json'))['steps'])) {
        $kind = @('install', 'certificate', 'run', 'service' | Where-Object { $step.ContainsKey($_) }) + 'unknown' | Select-Object -First 1
        $entry = @{ number = $script:steps.Length + 1; kind = $kind; result = 'ok' }
        $script:steps += $entry
        if (($step['when'] -eq 'on_change' -and -not $changed) -or ($step['when'] -eq 'first_boot' -and -not $first)) {
            $entry['result'] = 'skipped'
            continue
        }
        try { Invoke-Step $step $folder } catch {
            $entry['result'] = 'failed'
            Log ('step ' + $entry['number'] + ' failed: ' + $_.Exception.Message)
            if ($step['on_error'] -ne 'continue') { return $false }
        }
    }
    return $true
}
