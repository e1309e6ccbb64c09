"""Spreadsheets as offices use them: CSV and XLSX, read and written as streams of texts, whatever they hold."""
