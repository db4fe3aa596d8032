@echo off
setlocal DisableDelayedExpansion
rem Gives whoever logs on the drive letter of Cloud Storage, if they may read the file of the password.
rem It was rendered: change the configuration instead.
set "GOGRID_HOST=10.110.0.3"
set "GOGRID_SHARE=100%% $hare"
set "GOGRID_USERNAME=a%%b^c&d!e|f<g>h(i)j'k $l"
set "GOGRID_PASSWORD_FILE=C:\it's\100%% secret"
set "GOGRID_DRIVE=Z:"
powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "C:\gogrid\install.ps1" drive >nul 2>&1
exit /b %ERRORLEVEL%
