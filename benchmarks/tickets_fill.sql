INSERT INTO tickets (number, kind, state, revision, urgency, channel, conversation, draft, description, place, street,
    requester_name, requester_phone, requester_phone_hash, confidential, category, lead, called, returns, reworks,
    extensions, created_at, promised_at, step_due, clocks, active_at, updated_at, closed_at)
SELECT 'B' || n, (ARRAY['complaint', 'help', 'consultation', 'suggestion', 'praise'])[1 + n % 5],
    CASE WHEN n % 50 = 0 THEN (ARRAY['submitted', 'dispatched', 'accepted', 'in_progress', 'replied', 'callback'])[1 + n / 50 % 6]
        ELSE 'resolved' END,
    5, 'normal', 'widget', 'conversation-' || n, 'stored-' || n, CAST(:description AS bytea),
    CAST(:sealed AS bytea), '街道' || n % 20, CAST(:sealed AS bytea), CAST(:sealed AS bytea),
    md5(n::text) || md5(n::text), false, '类别' || n % 40, 'unit-' || n * 7 % :units, 'unit-' || n * 7 % :units, 0, 0, 0,
    registered, registered + interval '14 days', CASE WHEN n % 50 = 0 THEN registered + interval '10 days' END,
    json_build_object('promise', json_build_object('term', 'promise', 'calendar', 'office', 'rule', '',
        'started_at', to_char(registered, 'YYYY-MM-DD"T"HH24:MI:SS+00:00'),
        'due_at', to_char(registered + interval '14 days', 'YYYY-MM-DD"T"HH24:MI:SS+00:00'), 'paused_at', null,
        'paused_until', null, 'paused', 0, 'extensions', 0, 'unknown_years', json_build_array())),
    registered, registered, CASE WHEN n % 50 <> 0 THEN registered + interval '7 days' END
FROM (SELECT n, now() - interval '730 days' * ((n * 7919::bigint) % 1000000) / 1000000 AS registered
    FROM generate_series(:first, :last) AS n) AS stored;
INSERT INTO ticket_timeline (ticket_id, at, actor, unit, verb, source, target, note)
SELECT tickets.id, tickets.created_at, 'agent', tickets.lead, step.verb, step.source, step.target, tickets.place
FROM tickets, (VALUES ('submit', NULL, 'submitted'), ('dispatch', 'submitted', 'dispatched'), ('accept', 'dispatched', 'accepted'),
    ('reply', 'accepted', 'replied'), ('approve', 'replied', 'callback'), ('resolve', 'callback', 'resolved'))
    AS step (verb, source, target)
WHERE tickets.draft IN (SELECT 'stored-' || n FROM generate_series(:first, :last) AS n);
